import { expect, test } from 'vitest';
import type { RunEnvironment, RunRecord } from '../contract/library.ts';
import { madeOn, moved } from './standing.ts';

const on = (backend: RunEnvironment['backend'], adapter: string): RunEnvironment => ({
	backend,
	adapter,
	software: false,
	userAgent: '',
	version: '1',
});
const record = {
	status: 'paused',
	checkpointStep: 60,
	environment: on('webgpu', 'M2'),
	earlier: [{ untilStep: 50, environment: on('wasm', '8 threads') }],
} as unknown as RunRecord;

test('a run that moved says where it was made, an old record what it knows', () => {
	expect(madeOn(record)).toBe('wasm, 8 threads until update 50, then webgpu, M2');
	const kept = Object.entries(record).filter(([key]) => key !== 'earlier');
	const old = Object.fromEntries(kept) as unknown as RunRecord;
	expect(madeOn(old)).toBe('webgpu, M2');
});

test('a run on an adapter with wrong kernels names them', () => {
	const environment = { ...on('webgpu', 'Pixel'), replaced: ['attention (gave zeros)'] };
	expect(madeOn({ ...record, environment, earlier: [] })).toBe(
		'webgpu, Pixel, wrong kernels replaced: attention (gave zeros)',
	);
});

test('going on with another backend is said before, going on with the same is not', () => {
	expect(moved(record, 'wasm')).toContain('made on webgpu and would go on with wasm');
	expect(moved(record, 'webgpu')).toBe('');
	expect(moved(record, null)).toBe('');
	expect(moved({ ...record, status: 'finished' }, 'wasm')).toBe('');
	expect(moved({ ...record, checkpointStep: null }, 'wasm')).toBe('');
});
