/** Patterns of `tokenizer.json`, strings or Oniguruma's regular expressions, as regular expressions of JavaScript. */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { refuse } from './part.ts';

export const PatternSchema = v.union([
	v.strictObject({ String: v.pipe(v.string(), v.minLength(1)) }),
	v.strictObject({ Regex: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)) }),
]);
export type Pattern = v.InferOutput<typeof PatternSchema>;

const escape = String.raw`\\(?:[rntsSd]|[pP]\{(?:[LMNPSZC][a-z]?|Han|Hiragana|Katakana|Hangul)\}|[^A-Za-z0-9\n])`;

/** The pieces of an expression that the library translates without loss; everything else is refused. */
const pieces = {
	atom: new RegExp(
		String.raw`${escape}|\[\^?(?:${escape}|[^\\[\]&]|&(?!&))+\]|[^\\[\](){}?*+.^$|]`,
		'uy',
	),
	open: /\(\?i:(?=['a-z|]+\))|\(\?[:=!]|\((?!\?)/uy,
	close: /\)/uy,
	or: /\|/uy,
	repeat: /(?:[?*+]|\{\d{1,3}(?:,\d{0,3})?\})(?![?*+{])/uy,
};

/** A global expression that finds every match of the pattern. Throws `BadInput` naming what is not supported. */
export function compilePattern(pattern: Pattern, path: string): RegExp {
	if ('String' in pattern)
		return new RegExp(pattern.String.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'gu');
	const refused = (problem: string) =>
		refuse(path, `the expression ${pattern.Regex} ${problem}; take a tokenizer without it`);
	checkPieces(pattern.Regex, refused);
	const compiled = translate(pattern.Regex, refused);
	if (compiled.test('')) throw refused('matches where there is nothing');
	return compiled;
}

/** A group that is repeated may hold no repetition, however deep: matching could take time exponential in the text. */
function checkPieces(regex: string, refused: (problem: string) => Error): void {
	/** Of every open group: how many repetitions stand before it. */
	const groups: number[] = [];
	let repetitions = 0;
	let repeatable = false;
	for (let at = 0; at < regex.length;) {
		const [name, text] = pieceAt(regex, at);
		at += text.length;
		if (name === null) throw refused(`is not supported from "${regex.slice(at, at + 20)}"`);
		if (name === 'open') groups.push(repetitions);
		if (name === 'repeat') {
			if (!repeatable) throw refused('repeats what cannot be repeated');
			repetitions++;
		}
		repeatable = name === 'atom';
		if (name === 'close') {
			const before = groups.pop();
			if (before === undefined) throw refused('closes a group that is not open');
			repeatable = before === repetitions;
		}
	}
	if (groups.length > 0) throw refused('leaves a group open');
}

function pieceAt(regex: string, at: number): [keyof typeof pieces, string] | [null, ''] {
	for (const name of Object.keys(pieces) as (keyof typeof pieces)[]) {
		pieces[name].lastIndex = at;
		const [text] = pieces[name].exec(regex) ?? [];
		if (text !== undefined) return [name, text];
	}
	return [null, ''];
}

/** Two letters of ASCII have a third form, which Oniguruma finds where case is ignored: ſ and the sign of kelvin. */
const thirdForms: Readonly<Record<string, string>> = { s: 'ſ', k: '\u212a' };

function translate(regex: string, refused: (problem: string) => Error): RegExp {
	const spelled = regex.replace(/\(\?i:(['a-z|]+)\)/g, (_, letters: string) => {
		const either = (letter: string) =>
			`[${letter}${letter.toUpperCase()}${thirdForms[letter] ?? ''}]`;
		return `(?:${letters.replace(/[a-z]/g, either)})`;
	});
	try {
		const { pattern } = new SplitPreTokenizer({
			type: 'Split',
			pattern: { Regex: spelled },
			behavior: 'Isolated',
			invert: false,
		});
		if (pattern !== null) return pattern;
	} catch {
		// Told below: the library's words do not name the file.
	}
	throw refused('is no regular expression');
}
