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
	const merged: Record<string, unknown> = { ...base };
	for (const [key, value] of Object.entries(changes)) {
		const old = base[key];
		merged[key] =
			key !== 'selection' && isFields(old) && isFields(value) ? merge(old, value) : value;
	}
	return merged;
}

/**
 * Lays `changes` over `base`. Where the number of updates changes and the warm-up does not, the warm-up stays a tenth.
 * Throws `BadInput` naming every unknown or invalid field.
 */
export function overrideSpec(base: RunSpec, changes: Fields): RunSpec {
	const schedule: unknown = changes.schedule;
	const merged = merge(base, changes);
	const statesWarmup = isFields(schedule) && schedule.warmupSteps !== undefined;
	const derived =
		typeof changes.steps === 'number' && !statesWarmup
			? merge(merged, { schedule: { warmupSteps: defaultWarmup(changes.steps) } })
			: merged;
	const result = v.safeParse(RunSpecSchema, derived);
	if (result.success) return result.output;
	const issues = result.issues.map(
		(issue) => `${v.getDotPath(issue) ?? 'specification'}: ${issue.message}`,
	);
	throw namedError('BadInput', `The run specification is not valid. ${issues.join('; ')}`);
}
