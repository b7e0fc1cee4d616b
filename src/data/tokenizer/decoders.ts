/** Decoders: pieces -> pieces, whose concatenation is the text. This table is the list of those that are known. */
import { BPEDecoder, StripDecoder, WordPieceDecoder } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { choose, kind, type Make } from './part.ts';
import { compilePattern, PatternSchema } from './pattern.ts';
import { characterOfByte } from './unicode.ts';

export type Decoder = (pieces: readonly string[]) => string[];

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();
const byteOfCharacter = new Map(characterOfByte.map((character, byte) => [character, byte]));

const oneCharacter = v.pipe(v.string(), v.length(1));
const cut = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000));

const decoders: Readonly<Record<string, Make<Decoder>>> = {
	Sequence: kind({ decoders: v.array(v.unknown()) }, ({ decoders: all }, path) => {
		const made = all.map((one, index) => makeDecoder(one, `${path}.decoders[${index}]`));
		return (pieces) => made.reduce((changed, decode) => decode(changed), [...pieces]);
	}),
	// Its options are those of the pre-tokenizer; none changes what bytes mean.
	ByteLevel: kind(
		{
			add_prefix_space: v.optional(v.boolean()),
			trim_offsets: v.optional(v.boolean()),
			use_regex: v.optional(v.boolean()),
		},
		() => (pieces) => [utf8.decode(Uint8Array.from(pieces.flatMap(bytesOf)))],
	),
	ByteFallback: kind({}, () => decodeByteFallback),
	Fuse: kind({}, () => (pieces) => [pieces.join('')]),
	Replace: kind({ pattern: PatternSchema, content: v.string() }, ({ pattern, content }, path) => {
		const compiled = compilePattern(pattern, path);
		return (pieces) => pieces.map((piece) => piece.replace(compiled, () => content));
	}),
	Strip: kind({ content: oneCharacter, start: cut, stop: cut }, (options) => {
		const decoder = new StripDecoder({ type: 'Strip', ...options });
		return (pieces) => decoder.decode_chain([...pieces]);
	}),
	Metaspace: kind(
		{
			replacement: oneCharacter,
			prepend_scheme: v.optional(v.picklist(['always', 'first', 'never'])),
			split: v.optional(v.boolean()),
			add_prefix_space: v.optional(v.boolean()),
			str_rep: v.optional(v.string()),
		},
		({ replacement, prepend_scheme: scheme }) =>
			(pieces) =>
				pieces.map((piece, index) =>
					piece.replaceAll(replacement, index === 0 && scheme !== 'never' ? '' : ' '),
				),
	),
	WordPiece: kind(
		{ prefix: v.pipe(v.string(), v.minLength(1)), cleanup: v.boolean() },
		(options) => {
			const decoder = new WordPieceDecoder({ type: 'WordPiece', ...options });
			return (pieces) => decoder.decode_chain([...pieces]);
		},
	),
	BPEDecoder: kind({ suffix: v.pipe(v.string(), v.minLength(1)) }, ({ suffix }) => {
		const decoder = new BPEDecoder({ type: 'BPEDecoder', suffix });
		return (pieces) => decoder.decode_chain([...pieces]);
	}),
};

/** A piece that holds anything but characters of bytes stands for itself. */
function bytesOf(piece: string): number[] {
	const bytes = Array.from(piece, (character) => byteOfCharacter.get(character));
	const known = bytes.filter((byte) => byte !== undefined);
	return known.length === bytes.length ? known : [...encoder.encode(piece)];
}

/** Bytes side by side are one text; where they are no UTF-8, each is a replacement character. */
function decodeByteFallback(pieces: readonly string[]): string[] {
	const decoded: string[] = [];
	let bytes: number[] = [];
	const flush = () => {
		if (bytes.length > 0) decoded.push(decodeBytes(bytes));
		bytes = [];
	};
	for (const piece of pieces) {
		const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(piece)?.[1];
		if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
		else {
			flush();
			decoded.push(piece);
		}
	}
	flush();
	return decoded;
}

function decodeBytes(bytes: readonly number[]): string {
	try {
		return strictUtf8.decode(Uint8Array.from(bytes));
	} catch {
		return '\ufffd'.repeat(bytes.length);
	}
}

/** The decoder that tokenizer.json names. Throws `BadInput` naming what is not known. */
export const makeDecoder: Make<Decoder> = (value, path) => choose(decoders, value, path);
