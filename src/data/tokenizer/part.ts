/**
 * Parts of a `tokenizer.json` (a normalizer, a decoder, ...): a table of the kinds that are known and their options is
 * the list of what is understood; whatever is not in it is refused by its name.
 */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';

/** Makes a part of what the file says at `path`. */
export type Make<Part> = (value: unknown, path: string) => Part;

/** Deepest nesting of sequences; files have one or two. */
const deepest = 8;

const advice = 'take a tokenizer without it, or ask for it to be supported';

/** `BadInput` about one place of tokenizer.json, e.g. `normalizer.normalizers[0]`. */
export function refuse(path: string, problem: string): Error {
	return namedError('BadInput', `tokenizer.json: ${path}: ${problem}`);
}

/** One kind of a part: every option with its schema, and what is made of them. */
export function kind<Options extends v.ObjectEntries, Part>(
	options: Options,
	make: (options: v.InferOutput<v.StrictObjectSchema<Options, undefined>>, path: string) => Part,
): Make<Part> {
	const schema = v.strictObject(options);
	return (value, path) => {
		const { type, ...rest } = value as { readonly type?: unknown };
		return make(check(schema, rest, `${path} (${String(type)})`), path);
	};
}

/** `value`, an object, as the schema has it; throws `BadInput` naming option and value. */
export function check<Schema extends v.GenericSchema>(
	schema: Schema,
	value: unknown,
	path: string,
): v.InferOutput<Schema> {
	const result = v.safeParse(schema, value);
	if (result.success) return result.output;
	const [issue] = result.issues;
	const key = v.getDotPath(issue) ?? '';
	if (issue.expected === 'never')
		throw refuse(path, `the option "${key}" is not known here; ${advice}`);
	if (issue.input === undefined) throw refuse(path, `"${key}": it is missing; is the file whole?`);
	throw refuse(
		path,
		`"${key}": ${brief(issue.input)} is not supported (${issue.message}); ${advice}`,
	);
}

/** The kind that `value` names in `table`. */
export function choose<Part>(
	table: Readonly<Record<string, Make<Part>>>,
	value: unknown,
	path: string,
): Part {
	if (path.split('[').length > deepest) throw refuse(path, 'too many sequences in each other');
	const type: unknown = isRecord(value) ? value['type'] : undefined;
	if (typeof type !== 'string') throw refuse(path, `${brief(value)} has no type`);
	const make = Object.hasOwn(table, type) ? table[type] : undefined;
	if (make) return make(value, path);
	const known = Object.keys(table).join(', ');
	throw refuse(path, `the type "${type}" is not supported (${known} are); ${advice}`);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The start of a value, for messages. */
function brief(value: unknown): string {
	if (typeof value === 'object' && value !== null)
		return Array.isArray(value) ? 'a list' : 'an object';
	const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
	return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
