import { expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { explain } from './failure.ts';

test('says what happened, and what to do where the message does not', () => {
	expect(
		explain('The run ended early', namedError('NotFinite', 'loss is NaN at update 7')),
	).toEqual({
		title: 'The run ended early',
		message: 'loss is NaN at update 7',
		advice: expect.stringContaining('learning rate') as string,
		name: 'NotFinite',
	});
	expect(explain('Not imported', namedError('BadInput', 'row 3 has no output'))?.advice).toBe('');
});

test('a cancelled job is no failure, and anything thrown is put into words', () => {
	expect(explain('Measuring', namedError('Cancelled', 'Stopped on request'))).toBeNull();
	expect(explain('Measuring', 'no disk')).toMatchObject({ message: 'no disk' });
});
