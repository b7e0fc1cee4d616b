/** What is no object of JSON is refused by the name of its file. */
import { expect, test } from 'vitest';
import { readObject } from './readObject.ts';

test('an object, or why there is none', () => {
	expect(readObject('{"a":[1]}', 'batch.json')).toEqual({ a: [1] });
	for (const text of ['', '{"a":', '[1]', 'null', '1'])
		expect(() => readObject(text, 'batch.json')).toThrow(
			expect.objectContaining({
				name: 'BadInput',
				message: expect.stringMatching(/^batch\.json: not /) as string,
			}) as Error,
		);
});
