import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TextMetric } from '../contract/scoring.ts';
import { alignedLines, scoreFiles } from './scoreFiles.ts';

const score = (
	metric: TextMetric,
	hypotheses: string | Uint8Array<ArrayBuffer>,
	references: string,
	sources: string | null = null,
) =>
	scoreFiles(metric, {
		hypotheses: new File([hypotheses], 'said.txt'),
		references: new File([references], 'gold.txt'),
		sources: sources === null ? null : new File([sources], 'source.txt'),
	});

const file = '../shared/golden/text-metrics.json';
test.skipIf(!existsSync(file))('scores files of lines as sacrebleu does', async () => {
	const { javanese } = JSON.parse(readFileSync(file, 'utf8')) as {
		javanese: Record<string, number> & Record<'hypotheses' | 'references', string[]>;
	};
	const { hypotheses, references } = javanese;
	const wanted = [
		['bleu', javanese['bleu'], null],
		['chrf', javanese['chrf'], 60],
		['chrf++', javanese['chrf++'], 60],
	] as const;
	for (const [metric, value, sentences] of wanted) {
		// Windows line ends and a byte order mark are no part of the lines.
		const said = `\ufeff${hypotheses.join('\r\n')}\r\n`;
		const found = await score(metric, said, references.join('\n'));
		expect(found).toMatchObject({ metric, lines: 60 });
		expect(Math.abs(found.score - value!)).toBeLessThan(1e-9);
		expect(found.sentences?.length ?? null).toBe(sentences);
	}
});

test('macro-F1 over the classes of the references', async () => {
	const found = await score('macro-f1', 'n\nn\np\np\nu\nn\n', 'n\nn \nn\np\np\nu\n');
	expect(found).toMatchObject({ lines: 6, signature: null, sentences: null });
	expect(found.score).toBeCloseTo((4 / 6 + 2 / 4 + 0) / 3, 12);
});

test('an empty translation is a line like others', async () => {
	expect(await score('chrf', '\nb\n', 'a\nb\n', 'x\n\n')).toMatchObject({
		lines: 2,
		sentences: [0, 100],
	});
});

test.each([
	['bleu', 'a\nb\n', 'a\nb\nc', null, 'said.txt: there is no line 3; gold.txt has 3 lines'],
	['bleu', 'a\nb\n\n', 'a\nb', null, 'said.txt: line 3 has no partner; gold.txt has 2 lines'],
	['chrf', 'a', 'b', 'c\nd', 'source.txt: line 2 has no partner'],
	['chrf++', '', 'a', null, 'said.txt: the file is empty'],
	['chrf', 'a', 'a\0b', null, 'gold.txt: line 1, byte 2, is a NUL byte'],
	['bleu', Uint8Array.of(97, 10, 0xe9, 10), 'a\nb', null, 'said.txt: the text is not valid UTF-8'],
	['macro-f1', 'a\n \n', 'a\nb\n', null, 'said.txt: line 2: there is no label'],
	['macro-f1', 'a\nB\n', 'a\nb\n', null, 'said.txt: line 2: the class "B" is empty'],
] as const)('refuses %s of %j against %j', async (metric, said, gold, sources, message) => {
	await expect(score(metric, said as string, gold, sources)).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringContaining(message) as string,
	});
});

test('lines for COMET, without the space around them', async () => {
	const file = (text: string, name: string) => new File([text], name);
	const files = {
		hypotheses: file(' a \nb\r\n', 'said.txt'),
		references: file('c\nd\n', 'gold.txt'),
		sources: file('e\nf', 'source.txt'),
	};
	expect(await alignedLines(files)).toEqual({
		hypotheses: ['a', 'b'],
		references: ['c', 'd'],
		sources: ['e', 'f'],
	});
	const short = { ...files, sources: file('e\n', 'source.txt') };
	await expect(alignedLines(short)).rejects.toThrow(/source\.txt: there is no line 2/);
});
