/** A run specification from a base and the fields that differ: what a form, a link or a command line states. */
import * as v from 'valibot';
import { namedError } from '../contract/errors.ts';
import { type RunSpec, RunSpecSchema } from '../contract/spec.ts';
import { defaultWarmup } from './defaults.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
	value !== null && typeof value === 'object' && !Array.isArray(value);

/** Fields of `changes` over those of `base`, group by group. A selection is one value: its methods have different fields. */
function merge(base: Fields, changes: Fields): Fields {
	const merged = new Map(Object.entries(base));
	for (const [key, value] of Object.entries(changes)) {
		const old = merged.get(key);
		const isGroup = key !== 'selection' && isFields(old) && isFields(value);
		merged.set(key, isGroup ? merge(old, value) : value);
	}
	// A field `__proto__` is one like any other here, and is refused by its name; assigned it would pass for the rest.
	return Object.fromEntries(merged);
}

/** What follows from the changes where they do not say otherwise. */
function derived(changes: Fields, merged: Fields): Fields {
	const [schedule, data] = [changes.schedule, changes.data];
	let result = merged;
	if (typeof changes.steps === 'number' && !(isFields(schedule) && 'warmupSteps' in schedule))
		result = merge(result, { schedule: { warmupSteps: defaultWarmup(changes.steps) } });
	const packing = isFields(merged.data) ? merged.data.packing : undefined;
	if (packing !== 'stream' && isFields(data) && !('rowTokens' in data)) {
		const length = data.sequenceLength;
		if (typeof length === 'number') result = merge(result, { data: { rowTokens: length - 1 } });
	}
	return result;
}

/**
 * Lays `changes` over `base`. Where the number of updates changes and the warm-up does not, the warm-up stays a tenth;
 * where rows stay whole and sequences get another length, rows are cut to fit with their end token.
 * Throws `BadInput` naming every unknown or invalid field.
 */
export function overrideSpec(base: RunSpec, changes: Fields): RunSpec {
	const merged = merge(base, changes);
	const result = v.safeParse(RunSpecSchema, derived(changes, merged));
	if (result.success) return result.output;
	const issues = result.issues.map(
		(issue) => `${v.getDotPath(issue) ?? 'specification'}: ${issue.message}`,
	);
	throw namedError('BadInput', `The run specification is not valid. ${issues.join('; ')}`);
}
