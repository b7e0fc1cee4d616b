/**
 * Pause, single step and stop of a running loop: the loop asks before every update. What is asked while the loop is being
 * prepared counts from its beginning.
 */

export interface Gate {
	/** A loop will begin: from now on what is asked is for it. */
	readonly prepare: () => void;
	/** The loop starts or ends. */
	readonly begin: () => void;
	readonly end: () => void;
	/** True where the next `pass` will wait. */
	readonly paused: () => boolean;
	/** True once a stop was asked for: what takes long should end early. */
	readonly stopping: () => boolean;
	/** Resolves when the next update may run, or with `stop`. `resumed`: a pause just ended. */
	readonly pass: () => Promise<'go' | 'resumed' | 'stop'>;
	readonly pause: () => void;
	readonly resume: () => void;
	/** While paused: lets one update through. */
	readonly step: () => void;
	readonly stop: () => void;
}

export function createGate(): Gate {
	let mode: 'idle' | 'running' | 'paused' | 'stopping' = 'idle';
	let steps = 0;
	let wasPaused = false;
	let wake: (() => void) | null = null;
	const change = (to: typeof mode) => {
		mode = to;
		wake?.();
		wake = null;
	};
	return {
		prepare: () => {
			change('running');
		},
		begin() {
			if (mode === 'idle') mode = 'running';
		},
		end() {
			change('idle');
			steps = 0;
			wasPaused = false;
		},
		paused: () => mode === 'paused' && steps === 0,
		stopping: () => mode === 'stopping',
		async pass() {
			while (mode === 'paused' && steps === 0) {
				wasPaused = true;
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
			if (mode === 'stopping') return 'stop';
			if (mode === 'paused') {
				steps--;
				return 'go';
			}
			const resumed = wasPaused;
			wasPaused = false;
			return resumed ? 'resumed' : 'go';
		},
		pause: () => {
			if (mode === 'running') change('paused');
		},
		resume: () => {
			if (mode === 'paused') change('running');
		},
		step: () => {
			if (mode !== 'paused') return;
			steps++;
			change('paused');
		},
		stop: () => {
			if (mode === 'running' || mode === 'paused') change('stopping');
		},
	};
}
