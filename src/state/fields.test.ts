import * as v from 'valibot';
import { expect, test } from 'vitest';
import { RunSpecSchema } from '../contract/spec.ts';
import { initialSpec } from './defaults.ts';
import {
	type ChoiceField,
	mainFields,
	moreFields,
	type NumberField,
	parseNumber,
} from './fields.ts';

const fields = [...mainFields, ...moreFields];
const named = (id: string) => fields.find((field) => field.id === id) as NumberField;

const optimizer = fields.find(({ id }) => id === 'optimizer') as ChoiceField;

test.each(fields.map((field) => [field.id, field] as const))(
	'%s writes what it reads, into a valid spec, and nothing else',
	(_id, field) => {
		const base =
			(field.shown?.(initialSpec) ?? true) ? initialSpec : optimizer.write(initialSpec, 'muon');
		const value = field.kind === 'number' ? Math.min(1, field.max) : field.options.at(-1)!.value;
		const changed = field.write(base, value as never);
		expect(field.read(changed)).toBe(value);
		expect(v.safeParse(RunSpecSchema, changed).success).toBe(true);
		expect(field.write(changed, field.read(base) as never)).toEqual(base);
	},
);

test('ids are unique', () => {
	expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
});

test('clipping is off at 0 as where the field is empty', () => {
	const off = named('clip').write(initialSpec, 0);
	expect(off.optimizer.clipNorm).toBeNull();
	expect(named('clip').write(initialSpec, null)).toEqual(off);
});

test('what is stated of an optimizer goes with it', () => {
	const muon = optimizer.write(initialSpec, 'muon');
	const stated = named('muon-learning-rate').write(muon, 0.02);
	expect(stated.optimizer.muon).toEqual({ learningRate: 0.02 });
	expect(optimizer.write(stated, 'adamw')).toEqual(initialSpec);
	expect(named('muon-learning-rate').shown?.(initialSpec)).toBe(false);
});

test('numbers are taken within bounds only', () => {
	expect(parseNumber(named('steps'), '250')).toBe(250);
	expect(parseNumber(named('steps'), '2.5')).toBeUndefined();
	expect(parseNumber(named('steps'), '0')).toBeUndefined();
	expect(parseNumber(named('steps'), '')).toBeUndefined();
	expect(parseNumber(named('learning-rate'), '5e-5')).toBe(5e-5);
	expect(parseNumber(named('learning-rate'), 'fast')).toBeUndefined();
	expect(parseNumber(named('clip'), '')).toBeNull();
	expect(parseNumber(named('beta1'), '1')).toBeUndefined();
	expect(parseNumber(named('beta2'), '0.999')).toBe(0.999);
	expect(parseNumber(named('epsilon'), '0')).toBeUndefined();
	expect(parseNumber(named('epsilon'), '1e-8')).toBe(1e-8);
});
