/** Every file of `fixtures`: a small tokenizer, and what Hugging Face's tokenizers 0.23.3 made of the texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../tokenizer.ts';

interface Fixture {
	readonly about: string;
	readonly tokenizer: unknown;
	readonly config: unknown;
	/** A text, and its ids with all special tokens. */
	readonly enclosed: readonly [string, readonly number[]];
	/** Text, its ids without special tokens, what they are decoded to. */
	readonly texts: readonly (readonly [string, readonly number[], string])[];
}

const folder = new URL('fixtures/', import.meta.url);

describe.each(readdirSync(folder))('%s', (name) => {
	const fixture = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture;

	test(fixture.about, () => {
		const tokenizer = createTokenizer(fixture.tokenizer, fixture.config);
		const own = fixture.texts.map(([text, ids]) => {
			return [text, tokenizer.encode(text, { special: false }), tokenizer.decode(ids)];
		});
		expect(own).toEqual(fixture.texts);
		expect(tokenizer.encodeEnclosed(fixture.enclosed[0])).toEqual(fixture.enclosed[1]);
	});
});
