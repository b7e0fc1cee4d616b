import { expect, test } from 'vitest';
import { measureGeneration } from './generation.ts';
import { characters, fakeModel } from './testing.ts';

const task = (items: { prompt: string; answer: string }[]) =>
	({ kind: 'generation', name: 'words', subject: 'Javanese to English', items }) as const;
const silent = () => undefined;

test('compares lines exactly and by the tokens they share in order', async () => {
	const replies: Record<string, string> = {
		'a: ': 'cat\nb: dog\n',
		'b: ': ' dog \n',
		'c: ': 'abcd\n',
		'd: ': '',
	};
	const { model } = fakeModel({ reply: (prompt) => replies[prompt]! });
	const items = [
		{ prompt: 'a: ', answer: 'cat' },
		{ prompt: 'b: ', answer: 'dog' },
		{ prompt: 'c: ', answer: 'bxd' },
		{ prompt: 'd: ', answer: 'owl\nnot this' },
	];
	const heard: number[][] = [];
	const [measured] = await measureGeneration(model, characters, [task(items)], (done, total) =>
		heard.push([done, total]),
	);
	const row = { task: 'words', subject: 'Javanese to English', sd: null, runs: 1 };
	expect(measured!.rows).toEqual([
		{ ...row, metric: 'exact-match', mean: 2 / 4, count: 4, shortened: 0 },
		// b and d of "abcd" and "bxd": 2 * 2 / (4 + 3); nothing said: 0.
		{ ...row, metric: 'token-f1', mean: (1 + 1 + 4 / 7 + 0) / 4, count: 4, shortened: 0 },
	]);
	expect(measured!.predictions).toEqual([
		{ prompt: 'a: ', expected: 'cat', given: 'cat', right: true },
		{ prompt: 'b: ', expected: 'dog', given: 'dog', right: true },
		{ prompt: 'c: ', expected: 'bxd', given: 'abcd', right: false },
		{ prompt: 'd: ', expected: 'owl', given: '', right: false },
	]);
	expect(heard.at(-1)).toEqual([4, 4]);
});

test('an answer that goes on and on is not right, and ends a few tokens after the longest', async () => {
	const { model } = fakeModel({ reply: () => 'catcatcatcatcat' });
	const long = { prompt: 'a: ', answer: 'catcat' };
	const tasks = [task([{ prompt: 'a: ', answer: 'cat' }]), task([long])];
	const [first, second] = await measureGeneration(model, characters, tasks, silent);
	expect(second!.predictions[0]!.given).toBe('catcatcatc');
	expect(first!.predictions).toEqual([
		{ prompt: 'a: ', expected: 'cat', given: 'catcatc', right: false },
	]);
});

test('of a prompt that is too long the end is kept, behind the begin-of-sequence token', async () => {
	const items = [
		{ prompt: 'one two three', answer: 'abc' },
		{ prompt: '12345', answer: 'ab' },
	];
	// The longest answer and 4 tokens more leave 14 - 7 = 7 for the prompt.
	const { model, prompts } = fakeModel({ reply: () => 'abc\n' }, 14);
	const [measured] = await measureGeneration(model, characters, [task(items)], silent);
	expect(measured!.rows.map(({ shortened }) => shortened)).toEqual([1, 1]);
	expect(prompts).toEqual([
		[1, ...characters.encode(' three', { special: false })],
		[1, ...characters.encode('12345', { special: false })],
	]);
	const tiny = fakeModel({ reply: () => 'abc\n' }, 8);
	await expect(
		measureGeneration(tiny.model, characters, [task(items)], silent),
	).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(/^words, Javanese to English, item 1: /) as string,
	});
});

test('refuses a task without items', async () => {
	const { model } = fakeModel({});
	await expect(measureGeneration(model, characters, [task([])], silent)).rejects.toMatchObject({
		name: 'BadInput',
	});
});
