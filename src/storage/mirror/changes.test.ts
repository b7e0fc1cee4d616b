import { expect, test, vi } from 'vitest';
import { announceRun, onChangedRuns } from './changes.ts';

test('every listener hears of a changed run, by its id; what is no id is passed over', async () => {
	const [one, other] = [vi.fn(), vi.fn()];
	onChangedRuns(one);
	onChangedRuns(other);
	const channel = new BroadcastChannel('cogsym-lab changes');
	channel.postMessage({ id: 'x' });
	// A tab with another version of the lab.
	channel.postMessage('c');
	channel.close();
	announceRun('a');
	announceRun('b');
	await vi.waitFor(() => {
		for (const { mock } of [one, other]) expect(mock.calls.flat().sort()).toEqual(['a', 'b', 'c']);
	});
});

test('who announces a change does not go on listening', () => {
	const close = vi.spyOn(BroadcastChannel.prototype, 'close');
	announceRun('a');
	expect(close).toHaveBeenCalledTimes(1);
	close.mockRestore();
});
