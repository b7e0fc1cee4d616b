import { expect, test, vi } from 'vitest';
import { type ErrorName, namedError } from '../contract/errors.ts';
import { explain, isOfStorage } from './failure.ts';

test('says what happened, and what to do where the message does not', () => {
	expect(
		explain('The run ended early', namedError('NotFinite', 'loss is NaN at update 7')),
	).toEqual({
		title: 'The run ended early',
		message: 'loss is NaN at update 7.',
		advice: expect.stringContaining('learning rate') as string,
		name: 'NotFinite',
	});
	expect(explain('Not imported', namedError('BadInput', 'row 3 has no output'))?.advice).toBe('');
});

test('a cancelled job is no failure', () => {
	expect(explain('Measuring', namedError('Cancelled', 'Stopped on request'))).toBeNull();
});

test('what nobody foresaw is called the lab’s fault, quoted, and told the console', () => {
	const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
	const slip = new TypeError('x is undefined');
	expect(explain('Measuring', slip)).toMatchObject({
		name: 'Defect',
		message: expect.stringMatching(
			/^This is a defect of the lab.*TypeError: x is undefined/,
		) as string,
	});
	expect(explain('Measuring', 'no disk')).toMatchObject({
		message: expect.stringContaining('no disk') as string,
	});
	expect(log.mock.calls).toEqual([[slip], ['no disk']]);
	log.mockRestore();
});

test('failures of the store are told apart: they concern the whole page', () => {
	const failure = (name: ErrorName) => explain('Reading', namedError(name, 'no'))!;
	for (const name of ['StorageBlocked', 'StorageHeld', 'StorageOutdated', 'StorageClosed'] as const)
		expect(isOfStorage(failure(name))).toBe(true);
	expect(isOfStorage(failure('NotFound'))).toBe(false);
});
