/** Changed fields must arrive, untouched ones stay, and mistakes be named. */
import { describe, expect, it } from 'vitest';
import { defaultSpec } from './defaults.ts';
import { overrideSpec } from './overrideSpec.ts';

const base = defaultSpec(
	{ id: 'm', parameters: 7e9, config: { layers: 5, contextLength: 512 } },
	{ id: 'd', rows: 1000 },
);

describe('overrideSpec', () => {
	it('changes one field of a group and keeps the others', () => {
		const spec = overrideSpec(base, {
			optimizer: { learningRate: 1e-3 },
			data: { heldOut: { sequences: 7 } },
		});
		expect(spec.optimizer).toEqual({ ...base.optimizer, learningRate: 1e-3 });
		expect(spec.data.heldOut).toEqual({ rows: 60, sequences: 7 });
	});

	it('replaces a selection as a whole', () => {
		const spec = overrideSpec(base, { selection: { method: 'full' } });
		expect(spec.selection).toEqual({ method: 'full' });
	});

	it('keeps the warm-up a tenth of the updates unless it is stated', () => {
		expect(overrideSpec(base, { steps: 40 }).schedule.warmupSteps).toBe(4);
		expect(
			overrideSpec(base, { steps: 40, schedule: { warmupSteps: 1 } }).schedule.warmupSteps,
		).toBe(1);
		expect(overrideSpec(base, { seed: 1 }).schedule).toEqual(base.schedule);
	});

	it('cuts rows to another sequence length, end token included', () => {
		expect(overrideSpec(base, { data: { sequenceLength: 64 } }).data.rowTokens).toBe(63);
		const stated = overrideSpec(base, { data: { sequenceLength: 64, rowTokens: 10 } });
		expect(stated.data.rowTokens).toBe(10);
		const stream = overrideSpec(base, { data: { sequenceLength: 64, packing: 'stream' } });
		expect(stream.data.rowTokens).toBe(base.data.rowTokens);
	});

	it('names an unknown field and a bad value', () => {
		expect(() => overrideSpec(base, { optimizer: { learningrate: 1 } })).toThrow(/learningrate/);
		expect(() => overrideSpec(base, { steps: -1 })).toThrow(/steps/);
	});
});

it('refuses a field named as what every object has, and takes nothing from it', () => {
	for (const key of ['__proto__', 'constructor']) {
		const changes = JSON.parse(`{"${key}":{"stages":[{"method":"full"}]}}`) as object;
		expect(() => overrideSpec(base, { ...changes })).toThrow(
			/^The run specification is not valid\..*(__proto__|constructor)/,
		);
	}
});
