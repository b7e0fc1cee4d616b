/** Events cross the thread in batches, not one message each. */
import type { TrainingEvent } from '../contract/training.ts';

/** Events are handed over at most this often. */
const MILLISECONDS = 100;

export interface EventBatcher {
	readonly add: (event: TrainingEvent) => void;
	/** Hands over what waits, now. */
	readonly flush: () => void;
}

export function batchEvents(onEvents: (events: TrainingEvent[]) => void): EventBatcher {
	let waiting: TrainingEvent[] = [];
	let timer: ReturnType<typeof setTimeout> | null = null;
	const flush = () => {
		if (timer !== null) clearTimeout(timer);
		timer = null;
		if (waiting.length === 0) return;
		const events = waiting;
		waiting = [];
		onEvents(events);
	};
	return {
		add(event) {
			waiting.push(event);
			timer ??= setTimeout(flush, MILLISECONDS);
		},
		flush,
	};
}
