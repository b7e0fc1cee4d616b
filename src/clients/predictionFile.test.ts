import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { NamedPrediction } from '../contract/evaluation.ts';
import { predictionText } from './predictionFile.ts';

const predictions: NamedPrediction[] = [
	{
		...{ task: 'words', subject: 'Javanese to English', weights: 'base', run: 1, right: false },
		...{ prompt: 'Basa Jawa: "banyu" - English: "water"\nBasa Jawa: "x, y" - English: "' },
		...{ expected: 'a; b', given: ' "c"\r\n' },
	},
	{
		...{ task: 'sentiment', subject: 'javanese', weights: 'adapted', right: true },
		...{ prompt: 'Text: ölé\nSentiment:', expected: 'neutral', given: 'neutral' },
	},
];

test('CSV and JSON lines give every field back as it was', () => {
	const lines = predictionText(predictions, 'jsonl').trimEnd().split('\n');
	const [first, second] = lines.map((line) => JSON.parse(line) as NamedPrediction);
	expect(first).toEqual(predictions[0]);
	expect(second).toEqual({ ...predictions[1], run: null });
	const csv = predictionText(predictions, 'csv');
	const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
	expect(data).toEqual(
		predictions.map((one) => ({
			...one,
			...{ run: String(one.run ?? ''), right: String(one.right) },
		})),
	);
});

test('what was cut of a prompt has a column of its own, where there is such a prompt', () => {
	expect(predictionText(predictions, 'csv').split('\n')[0]).toMatch(/,prompt$/);
	const [first, second] = predictions;
	const some = [first!, { ...second!, cut: 'item' as const }];
	const { data } = Papa.parse<Record<string, string>>(predictionText(some, 'csv'), {
		...{ header: true, skipEmptyLines: true },
	});
	expect(data.map(({ cut }) => cut)).toEqual(['', 'item']);
	const lines = predictionText(some, 'jsonl').trimEnd().split('\n');
	expect(lines.map((line) => (JSON.parse(line) as NamedPrediction).cut)).toEqual([
		undefined,
		'item',
	]);
});
