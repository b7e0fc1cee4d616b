/** Reference files that no batch can be made of are refused before anything is computed. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { AdapterReferenceSchema } from './verification.ts';

const reference = {
	input_ids: [
		[1, 2, 3],
		[1, 2, 0],
	],
	labels: [
		[-100, 2, 3],
		[1, 2, -100],
	],
	...{ loss: 1, logits_row0: [1], grad_norms: { w: 1 } },
	adamw: { lr: 1e-3, weight_decay: 0, clip: null, losses_before_each_step: [1] },
};
const issue = (change: object) =>
	v.safeParse(AdapterReferenceSchema, { ...reference, ...change }).issues?.[0].message ?? null;

test('rows of token ids, as long as their labels', () => {
	expect(issue({})).toBeNull();
	expect(issue({ input_ids: [[1, 2, 3], [1]] })).toMatch(/all as long/);
	expect(issue({ input_ids: [] })).toMatch(/all as long/);
	expect(issue({ input_ids: [[1.5, 2, 3]] })).toMatch(/1\.5/);
	expect(issue({ labels: [[1, 2, 3]] })).toMatch(/as many rows and columns/);
	expect(
		issue({
			labels: [
				[1, 2],
				[1, 2],
			],
		}),
	).toMatch(/as many rows and columns/);
});
