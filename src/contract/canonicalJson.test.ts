/** Equal values give equal text, different ones different text: names of runs hang on it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './spec.ts';

const value = fc.jsonValue({ maxDepth: 4 });

/** The same value with its keys the other way round. */
function turned(given: unknown): unknown {
	if (Array.isArray(given)) return given.map(turned);
	if (typeof given !== 'object' || given === null) return given;
	const entries = Object.entries(given).reverse();
	return Object.fromEntries(entries.map(([key, item]) => [key, turned(item)]));
}

test('the order of keys does not matter', () => {
	fc.assert(
		fc.property(value, (given) => {
			expect(canonicalJson(turned(given))).toBe(canonicalJson(given));
		}),
	);
});

test('it is JSON of the same value', () => {
	fc.assert(
		fc.property(value, (given) => {
			expect(canonicalJson(JSON.parse(canonicalJson(given)))).toBe(canonicalJson(given));
			expect(JSON.parse(canonicalJson(given))).toEqual(JSON.parse(JSON.stringify(given)));
		}),
	);
});

test('values that differ have texts that differ', () => {
	fc.assert(
		fc.property(value, value, (one, other) => {
			const same = JSON.stringify(turned(turned(one))) === JSON.stringify(turned(turned(other)));
			if (canonicalJson(one) === canonicalJson(other)) expect(one).toEqual(other);
			else expect(same).toBe(false);
		}),
	);
});
