/** Tables of SentencePiece, small; expected is what Hugging Face's tokenizers 0.23.3 makes of the same tables. */
import { describe, expect, test } from 'vitest';
import { createPrecompiled } from './precompiled.ts';

/** A double array of units, and what stands behind it. */
function table(units: ReadonlyMap<number, number>, length: number, replacements: string): string {
	const view = new DataView(new ArrayBuffer(4 + 4 * length));
	view.setUint32(0, 4 * length, true);
	for (const [index, unit] of units) view.setUint32(4 + 4 * index, unit, true);
	const array = String.fromCharCode(...new Uint8Array(view.buffer));
	return btoa(array + String.fromCharCode(...new TextEncoder().encode(replacements)));
}

/** Every node has 256 units of its own, and is reached by one byte: children and value stand apart from it by theirs. */
function tableOf(replacementsByKey: Readonly<Record<string, string>>): string {
	const units = new Map([[0, 256 << 10]]);
	const blocks = new Map([['', 1]]);
	const utf8 = new TextEncoder();
	let replacements = '';
	for (const [key, replacement] of Object.entries(replacementsByKey)) {
		const bytes = utf8.encode(key);
		let [prefix, block, reached] = ['', 1, 0];
		for (const [index, byte] of bytes.entries()) {
			const at = block * 256 + (reached ^ byte);
			const ends = index + 1 === bytes.length ? 0x100 : (units.get(at) ?? 0) & 0x100;
			prefix += `${byte} `;
			const next = blocks.get(prefix) ?? blocks.size + 1;
			blocks.set(prefix, next);
			units.set(at, byte | ends | 0x200 | ((block ^ next) << 10));
			[block, reached] = [next, reached ^ byte];
		}
		units.set(block * 256 + reached, 0x80000000 + utf8.encode(replacements).length);
		replacements += `${replacement}\0`;
	}
	return table(units, (blocks.size + 1) * 256, replacements);
}

describe('a table of keys', () => {
	const keys = { a: '', b: 'B', e: 'E', é: '<é>', xy: 'XY', '\u3000': ' ', '\ufeff': '\ufeff-' };
	const normalize = (text: string) => createPrecompiled(tableOf(keys), 'normalizer')(text);

	test.each<[string, string]>([
		['', ''],
		['cabba', 'cBB'],
		['é', '<é>'],
		['x', 'x'],
		['xy', 'xy'],
		['a\u3000b\ufeff', ' B\ufeff-'],
		['c\0b', 'c\0B'],
	])('%j: %j', (text, expected) => {
		expect(normalize(text)).toBe(expected);
	});

	test('a character with its marks is one below 6 bytes: its first key stands for all of it', () => {
		expect(normalize('e\u0301')).toBe('E');
		expect(normalize('e\u0301\u0301')).toBe('E');
		expect(normalize('é\u0301\u0301')).toBe('<é>\u0301\u0301');
		expect(normalize('e\u0301\u0301\u0301')).toBe('E\u0301\u0301\u0301');
	});
});

test('the last replacement may lack its end', () => {
	const units = new Map([
		[0, 256 << 10],
		[256 + 0x62, 0x62 | 0x100 | (0x62 << 10)],
		[256, 0x80000000],
	]);
	expect(createPrecompiled(table(units, 512, 'B'), 'normalizer')('b')).toBe('B');
});

test('a zero byte ends what is looked up, also where the table goes on', () => {
	const units = new Map([
		[0, 256 << 10],
		[256, 0x100 | (256 << 10)],
	]);
	expect(createPrecompiled(table(units, 768, 'Z\0'), 'normalizer')('c\0')).toBe('c\0');
});

test('what a table says beyond its end is not there', () => {
	const outside = (replacements: string) =>
		createPrecompiled(table(new Map([[0, 0x60 << 10]]), 1, replacements), 'normalizer');
	expect(outside('')('a')).toBe('a');
	expect(outside('a\x01\0\0ab')('a')).toBe('a');
});

test.each([
	'',
	'\0\0\0',
	'\0\0\0\0',
	'\x04\0\0\0',
	'\x02\0\0\0\0\0',
	'\x06\0\0\0\0\0\0\0\0\0',
	'\x08\0\0\0\0\0\0\0',
])('%j is refused', (bytes) => {
	const problem = '"precompiled_charsmap" is no table of SentencePiece; download the file again';
	expect(() => createPrecompiled(btoa(bytes), 'normalizer')).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message: `tokenizer.json: normalizer: ${problem}`,
		}),
	);
});

test('what is not in base64 is refused', () => {
	expect(() => createPrecompiled('*', 'normalizer')).toThrow(
		'tokenizer.json: normalizer: "precompiled_charsmap" is not in base64; download the file again',
	);
});
