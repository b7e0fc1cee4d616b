import { expect, test } from 'vitest';
import { referenceBlock } from './verify.ts';

const reference = { input_ids: [[1, 2, 3]], labels: [[-100, 2, 3]] };

test('targets follow their positions', () => {
	const { count, sequenceLength, inputIds, targets } = referenceBlock(reference, 4);
	expect([count, sequenceLength]).toEqual([1, 3]);
	expect([...inputIds]).toEqual([1, 2, 3]);
	expect([...targets]).toEqual([2, 3, -100]);
});

test('a token that the model does not have is refused', () => {
	expect(() => referenceBlock(reference, 3)).toThrow('"input_ids" has token 3');
	const labels = [[1, 7, -1]];
	expect(() => referenceBlock({ ...reference, labels }, 4)).toThrow('"labels" has token 7');
	expect(() => referenceBlock({ ...reference, labels: [[1, 2, -1]] }, 4)).toThrow('token -1');
});
