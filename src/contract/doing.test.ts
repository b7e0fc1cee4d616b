import { expect, test } from 'vitest';
import { dataWork, describeCall, storeWork, trainerWork } from './doing.ts';

const file = (name: string) => new File(['x'], name);

test('a call is named with its files', () => {
	expect(describeCall(dataWork.preview, [file('a.parquet')])).toBe(
		'reading a data file: a.parquet',
	);
	const folder = ['config.json', 'model.safetensors', 'tokenizer.json', 'merges.txt'].map(file);
	expect(describeCall(storeWork.importModel, ['tiny', folder, () => undefined])).toBe(
		'importing a model from config.json, model.safetensors, tokenizer.json and 1 more',
	);
	const shared = { kind: 'urls', files: [{ name: 'config.json', url: 'http://x', size: 3 }] };
	expect(describeCall(trainerWork.load, [shared, false])).toBe('loading a model from config.json');
	const listed = [{ path: 'nusax/test.csv', file: file('test.csv') }];
	expect(describeCall(dataWork.fileTasks, [listed, {}])).toBe('reading tasks from test.csv');
});

test('a call without files has no loose end', () => {
	expect(describeCall(trainerWork.load, [{ kind: 'stored', id: 'm' }])).toBe('loading a model');
	expect(describeCall(dataWork.preview, [null, undefined, 7])).toBe('reading a data file');
	expect(describeCall(trainerWork.train, [{ train: { inputIds: new Int32Array(9) } }])).toBe(
		'training',
	);
});
