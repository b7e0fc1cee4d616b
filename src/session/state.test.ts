/** What a run's record says of the device. */
import { afterEach, expect, test, vi } from 'vitest';
import { TrainerState } from './state.ts';

afterEach(() => {
	vi.unstubAllGlobals();
});

test('a record names the kernels that were replaced, and only where some were', () => {
	vi.stubGlobal('navigator', { userAgent: 'a browser' });
	const state = new TrainerState();
	const report = { backend: 'webgpu', adapter: 'Pixel', software: false, reason: '' } as const;
	const replaced = ['attention (gave zeros)'];
	const device = (more: object) => ({ ops: {}, report: { ...report, ...more } }) as never;
	state.device = device({ replaced });
	expect(state.environment).toMatchObject({ adapter: 'Pixel', replaced });
	state.device = device({});
	expect(state.environment).not.toHaveProperty('replaced');
});
