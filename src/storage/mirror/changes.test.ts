import { expect, test, vi } from 'vitest';
import { announceRun, onChangedRuns } from './changes.ts';

test('every listener hears of a changed run, by its id; what is no id is passed over', async () => {
	const [one, other] = [vi.fn(), vi.fn()];
	onChangedRuns(one);
	onChangedRuns(other);
	const channel = new BroadcastChannel('cogsym-lab changes');
	channel.postMessage({ id: 'x' });
	channel.close();
	announceRun('a');
	announceRun('b');
	await vi.waitFor(() => {
		expect(other.mock.calls).toEqual([['a'], ['b']]);
	});
	expect(one.mock.calls).toEqual([['a'], ['b']]);
});

test('who announces a change does not go on listening', () => {
	const close = vi.spyOn(BroadcastChannel.prototype, 'close');
	announceRun('a');
	expect(close).toHaveBeenCalledTimes(1);
	close.mockRestore();
});
