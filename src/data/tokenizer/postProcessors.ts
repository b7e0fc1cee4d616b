/** Post-processors: the ids put in front of and behind a text. This table is the list of those that are known. */
import * as v from 'valibot';
import { choose, isRecord, kind, type Make, refuse } from './part.ts';
import { IdSchema } from './vocabulary.ts';

export interface Ends {
	readonly before: readonly number[];
	readonly after: readonly number[];
}

export const noEnds: Ends = { before: [], after: [] };

const typeId = v.optional(v.number());
const PieceSchema = v.union([
	v.strictObject({ SpecialToken: v.strictObject({ id: v.string(), type_id: typeId }) }),
	v.strictObject({ Sequence: v.strictObject({ id: v.picklist(['A', 'B']), type_id: typeId }) }),
]);
const SpecialSchema = v.strictObject({
	id: v.string(),
	ids: v.array(IdSchema),
	tokens: v.array(v.string()),
});

const template = {
	single: v.array(PieceSchema),
	/** Of two texts, which nothing here tokenises together. */
	pair: v.optional(v.unknown()),
	special_tokens: v.custom<Record<string, unknown>>(isRecord, 'an object of tokens is needed'),
};

const namedToken = v.tuple([v.string(), IdSchema]);
const offsets = {
	add_prefix_space: v.optional(v.boolean()),
	trim_offsets: v.optional(v.boolean()),
};
const enclosing = { sep: namedToken, cls: namedToken };
const enclose = ({ sep, cls }: { sep: [string, number]; cls: [string, number] }): Ends => ({
	before: [cls[1]],
	after: [sep[1]],
});

const postProcessors: Readonly<Record<string, Make<Ends>>> = {
	Sequence: kind({ processors: v.array(v.unknown()) }, ({ processors }, path) =>
		processors
			.map((one, index) => makeEnds(one, `${path}.processors[${index}]`))
			.reduce(
				(inner, outer) => ({
					before: [...outer.before, ...inner.before],
					after: [...inner.after, ...outer.after],
				}),
				noEnds,
			),
	),
	// Changes only where tokens are said to stand in the text.
	ByteLevel: kind({ ...offsets, use_regex: v.optional(v.boolean()) }, () => noEnds),
	BertProcessing: kind(enclosing, enclose),
	RobertaProcessing: kind({ ...enclosing, ...offsets }, enclose),
	TemplateProcessing: kind(template, ({ single, special_tokens: tokens }, path) => {
		const at = single.findIndex((piece) => 'Sequence' in piece);
		const texts = single.filter((piece) => 'Sequence' in piece);
		if (texts.map((piece) => piece.Sequence.id).join() !== 'A')
			throw refuse(path, '"single" holds not just one text, A');
		const ids = (piece: (typeof single)[number]): number[] => {
			if (!('SpecialToken' in piece)) return [];
			const { id } = piece.SpecialToken;
			const token = v.safeParse(SpecialSchema, Object.hasOwn(tokens, id) ? tokens[id] : null);
			if (token.success) return token.output.ids;
			throw refuse(path, `"special_tokens" does not say the ids of ${JSON.stringify(id)}`);
		};
		return { before: single.slice(0, at).flatMap(ids), after: single.slice(at).flatMap(ids) };
	}),
};

/** What tokenizer.json puts around a text. Throws `BadInput` naming what is not known. */
export const makeEnds: Make<Ends> = (value, path) => choose(postProcessors, value, path);
