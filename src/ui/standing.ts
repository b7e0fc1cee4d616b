/** Where a run stands and where it was made, in one line of plain words. */
import type { RunEnvironment, RunRecord } from '../contract/library.ts';
import { totalSteps } from '../contract/spec.ts';
import type { Phase } from '../state/training.svelte.ts';

/** Devices a run was made on, in order: "wasm, 8 threads until update 50, then webgpu, Apple M2". */
export function madeOn(record: RunRecord): string {
	const name = ({ backend, adapter, replaced = [] }: RunEnvironment) =>
		`${backend}, ${adapter}${replaced.length > 0 ? `, wrong kernels replaced: ${replaced.join(', ')}` : ''}`;
	// Records of older versions do not say.
	const { earlier = [] } = record as Partial<RunRecord>;
	return [
		...earlier.map(
			({ untilStep, environment }) => `${name(environment)} until update ${untilStep}`,
		),
		name(record.environment),
	].join(', then ');
}

/** Says before a run goes on that this device is another kind than the one it was made on; empty if it is not. */
export function moved(record: RunRecord | null, backend: RunEnvironment['backend'] | null): string {
	const resumable =
		record !== null && record.status !== 'finished' && (record.checkpointStep ?? 0) > 0;
	if (!resumable || backend === null || record.environment.backend === backend) return '';
	return `It was made on ${record.environment.backend} and would go on with ${backend}: the numbers may differ slightly from those of one device.`;
}

function stored(record: RunRecord): string {
	const total = totalSteps(record.spec);
	switch (record.status) {
		case 'finished':
			return `This run is finished: ${record.steps} updates. Change a setting to make a new one.`;
		case 'failed':
			return `This run failed at update ${record.steps} of ${total}: ${record.error ?? 'no reason was stored'}`;
		case 'running':
			return 'This run is training in another tab.';
		case 'paused':
		case 'stopped':
			return `${record.status === 'paused' ? 'Interrupted' : 'Stopped'} after ${record.steps} of ${total} updates; ${
				record.checkpointStep
					? `it continues after update ${record.checkpointStep}, where it was last saved.`
					: 'nothing was saved yet, so it begins again.'
			}`;
	}
}

/** Words for the phase; `updates` are those seen so far, `record` the stored run the form describes, if any. */
export function standing(
	phase: Phase,
	note: string,
	updates: number,
	total: number,
	record: RunRecord | null,
): string {
	switch (phase) {
		case 'preparing':
			return `${note || 'Getting ready'} …`;
		case 'running':
			return note ? `${note} …` : 'Training. You may leave this tab open in the background.';
		case 'paused':
			return `Paused after ${updates} of ${total} updates.`;
		case 'stopping':
			return 'Stopping: the running update is finished and saved.';
		case 'idle':
			return record ? stored(record) : '';
	}
}
