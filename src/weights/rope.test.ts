/** Rotary settings: every number is judged where it stands, and named by its key. */
import { describe, expect, test } from 'vitest';
import { configNotes, parseConfig } from './config.ts';
import { tinyLlama } from './testing.ts';

const parse = (change: object) => parseConfig({ ...tinyLlama, ...change }, 'config.json');
const llama3 = {
	...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
	original_max_position_embeddings: 32,
};

describe('the base frequency', () => {
	test.each([
		['10000 where it is nowhere', {}, 1e4],
		['that of rope_parameters', { rope_theta: 7, rope_parameters: { rope_theta: 5 } }, 5],
		['the one beside them where they have none', { rope_theta: 7, rope_parameters: {} }, 7],
	])('is %s', (_, change, theta) => {
		expect(parse(change).ropeTheta).toBe(theta);
	});

	test.each([0, -1, Infinity, NaN, null])('is refused at %s', (rope_theta) => {
		expect(() => parse({ rope_parameters: { rope_theta } })).toThrow(
			`config.json: "rope_theta" is ${JSON.stringify(rope_theta)}, expected a number above 0`,
		);
	});
});

describe('the scaling', () => {
	test.each(['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'])(
		'is refused where %s is no number above 0',
		(name) => {
			for (const value of [0, -2, Infinity, '8', false])
				expect(() => parse({ rope_scaling: { ...llama3, [name]: value } })).toThrow(
					`config.json: "rope_scaling.${name}" is ${JSON.stringify(value)}, expected a number above 0`,
				);
		},
	);

	test('is refused where a factor is missing', () => {
		for (const name of ['factor', 'low_freq_factor', 'high_freq_factor'])
			expect(() => parse({ rope_parameters: { ...llama3, [name]: undefined } })).toThrow(
				`config.json: "rope_parameters.${name}" is missing, expected a number above 0`,
			);
	});

	test('needs a high frequency above the low one', () => {
		const between = (low_freq_factor: number) =>
			parse({ rope_scaling: { ...llama3, low_freq_factor } }).ropeScaling;
		expect(between(3.9)?.lowFrequencyFactor).toBe(3.9);
		for (const low of [4, 5])
			expect(() => between(low)).toThrow(
				'config.json: "rope_scaling.high_freq_factor" must be above "low_freq_factor"',
			);
	});
});

test.each([
	[
		{ rope_scaling: { partial_rotary_factor: 0.5 } },
		'"rope_scaling.partial_rotary_factor" is not supported',
	],
	[
		{ rope_parameters: { sliding_attention: {} } },
		'"rope_parameters.sliding_attention": settings per layer type are not supported',
	],
	[
		{ rope_parameters: { rope_type: 'yarn' } },
		'rope type "yarn" in "rope_parameters" is not supported; supported are default, llama3',
	],
	[{ rope_scaling: { rope_type: null, type: 'default' } }, 'rope type null in "rope_scaling"'],
])('refuses %j', (change, message) => {
	expect(() => parse(change)).toThrow(`config.json: ${message}`);
});

test.each([
	{ rope_type: 'default', partial_rotary_factor: 1, mscale: null },
	{ type: 'default' },
	{ type: null },
])('takes %j, which scales nothing', (rope_scaling) => {
	expect(parse({ rope_scaling }).ropeScaling).toBeNull();
});

test('of two spellings, the one that counts is told where both hold anything', () => {
	const notes = (change: object) => configNotes({ ...tinyLlama, ...change }, 'llama', 'c.json');
	const some = { rope_type: 'default' };
	expect(notes({ rope_scaling: some, rope_parameters: some })).toEqual([
		'c.json: "rope_scaling" is used in place of "rope_parameters", as in transformers.',
	]);
	for (const none of [{}, null, undefined]) {
		expect(notes({ rope_scaling: some, rope_parameters: none })).toEqual([]);
		expect(notes({ rope_scaling: none, rope_parameters: some })).toEqual([]);
	}
});
