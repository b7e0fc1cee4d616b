/** Normalizers: text -> text. This table is the list of those that are known. */
import * as v from 'valibot';
import { choose, kind, type Make } from './part.ts';
import { compilePattern, PatternSchema } from './pattern.ts';
import { createPrecompiled } from './precompiled.ts';
import {
	byteLevel,
	cleanText,
	lowerCase,
	normalizeUnicode,
	stripAccents,
	stripMarks,
	whiteSpace,
} from './unicode.ts';

export type Normalizer = (text: string) => string;

/** Characters that Chinese is written with, as BERT counts them. */
const chinese =
	/[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

const bert = {
	clean_text: v.boolean(),
	handle_chinese_chars: v.boolean(),
	/** null: as `lowercase`. */
	strip_accents: v.nullish(v.boolean(), null),
	lowercase: v.boolean(),
};

const normalizers: Readonly<Record<string, Make<Normalizer>>> = {
	Sequence: kind({ normalizers: v.array(v.unknown()) }, ({ normalizers: all }, path) => {
		const made = all.map((one, index) => makeNormalizer(one, `${path}.normalizers[${index}]`));
		return (text) => made.reduce((changed, normalize) => normalize(changed), text);
	}),
	Prepend: kind(
		{ prepend: v.string() },
		({ prepend }) =>
			(text) =>
				text && prepend + text,
	),
	Replace: kind({ pattern: PatternSchema, content: v.string() }, ({ pattern, content }, path) => {
		const compiled = compilePattern(pattern, path);
		return (text) => text.replace(compiled, () => content);
	}),
	NFC: kind({}, () => (text) => normalizeUnicode(text, 'NFC')),
	NFD: kind({}, () => (text) => normalizeUnicode(text, 'NFD')),
	NFKC: kind({}, () => (text) => normalizeUnicode(text, 'NFKC')),
	NFKD: kind({}, () => (text) => normalizeUnicode(text, 'NFKD')),
	Lowercase: kind({}, () => lowerCase),
	Strip: kind({ strip_left: v.boolean(), strip_right: v.boolean() }, (sides) => {
		const start = sides.strip_left ? new RegExp(`^${whiteSpace}+`, 'u') : null;
		const end = sides.strip_right ? new RegExp(`(?<!${whiteSpace})${whiteSpace}+$`, 'u') : null;
		return (text) =>
			[start, end].reduce((kept, side) => (side ? kept.replace(side, '') : kept), text);
	}),
	StripAccents: kind({}, () => stripMarks),
	ByteLevel: kind({}, () => byteLevel),
	Precompiled: kind({ precompiled_charsmap: v.string() }, ({ precompiled_charsmap: map }, path) =>
		createPrecompiled(map, path),
	),
	BertNormalizer: kind(bert, (options) => {
		const steps = [
			options.clean_text && cleanText,
			options.handle_chinese_chars && ((text: string) => text.replace(chinese, ' $& ')),
			(options.strip_accents ?? options.lowercase) && stripAccents,
			options.lowercase && lowerCase,
		].filter((step) => step !== false);
		return (text) => steps.reduce((changed, step) => step(changed), text);
	}),
};

/** The normalizer that tokenizer.json names; null is none. Throws `BadInput` naming what is not known. */
export const makeNormalizer: Make<Normalizer> = (value, path) => choose(normalizers, value, path);
