import { expect, test } from 'vitest';
import { joined, taskFiles } from './taskFiles.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path, file: new File([path], 'x') }));

test('files are found as the lab names them, and as their publishers lay them out', () => {
	const picked = files(
		'data/nusax/mt/train.csv',
		'nusax-main/datasets/sentiment/javanese/train.csv',
		'nusax-main/datasets/sentiment/javanese/test.csv',
		'IndoMMLU.csv',
		'llm-latent-language/data/langs/fr/clean.csv',
	);
	const found = (task: Parameters<typeof taskFiles>[0]) => {
		const one = taskFiles(task, ['javanese'], picked);
		return [one.usable, one.found.map(({ path }) => path)];
	};
	expect(found('words')).toEqual([true, ['wendler/langs/fr/clean.csv']]);
	expect(found('translation')).toEqual([false, ['nusax/mt/train.csv']]);
	expect(found('sentiment')).toEqual([
		true,
		['nusax/sentiment/javanese/train.csv', 'nusax/sentiment/javanese/test.csv'],
	]);
	expect(found('exam')).toEqual([true, ['indommlu/IndoMMLU.csv']]);
	expect(taskFiles('translation', ['javanese'], picked).missing).toEqual(['nusax/mt/test.csv']);
	const both = taskFiles('sentiment', ['javanese', 'sundanese'], picked);
	expect(both.usable).toBe(false);
	expect(both.missing).toHaveLength(2);
});

test('of two that would do, the one as the lab names it is taken', () => {
	const picked = files('a/mt/train.csv', 'b/nusax/mt/train.csv', 'a/mt/test.csv');
	const { found } = taskFiles('translation', ['javanese'], picked);
	expect(found.map(({ file }) => file)).toEqual([picked[1]!.file, picked[2]!.file]);
});

test('picking again adds, and replaces what has the same path', () => {
	const [a, b] = [files('x', 'y'), files('y', 'z')];
	expect(joined(a, b)).toEqual([a[0], b[0], b[1]]);
});
