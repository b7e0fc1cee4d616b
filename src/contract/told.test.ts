import { expect, test } from 'vitest';
import { namedError } from './errors.ts';
import { told } from './told.ts';

const said = (error: unknown) => told(error, 'reading pairs.json', 'reading');

test('what has a name keeps its words, as a sentence', () => {
	expect(said(namedError('BadInput', 'pairs.json: row 7 has no output'))).toMatchObject({
		name: 'BadInput',
		message: 'pairs.json: row 7 has no output.',
	});
	expect(said(namedError('Busy', 'Stop it first.')).message).toBe('Stop it first.');
});

test.each([
	[
		'NotReadableError',
		'The requested file could not be read',
		'BadInput',
		/pairs\.json, a file .*Choose it again\.$/,
	],
	['NotFoundError', 'A requested file or directory could not be found', 'BadInput', /moved/],
	['RangeError', 'Array buffer allocation failed', 'NoMemory', /no main memory left.*smaller file/],
	['QuotaExceededError', '', 'QuotaExceeded', /no room left.*Delete runs or models/],
	[
		'InvalidStateError',
		"Failed to execute 'transaction' on 'IDBDatabase': The database connection is closing.",
		'StorageClosed',
		/updated or its site data cleared.*Reload/,
	],
	['AbortError', 'The transaction was aborted.', 'StorageFailed', /whole or not at all/],
	['UnknownError', 'Internal error committing transaction.', 'StorageFailed', /disk is full/],
	['TypeError', 'Failed to fetch', 'Unreachable', /did not answer.*try again/],
])('%s (%s) is a %s with what to do', (name, message, is, says) => {
	const error = Object.assign(new Error(message), { name });
	const refusal = said(error);
	expect(refusal.name).toBe(is);
	expect(refusal.message).toMatch(says);
	expect(refusal.message).not.toContain(name);
});

test('anything else is the lab’s own fault, which says so', () => {
	const slip = new TypeError("Cannot read properties of undefined (reading 'x')");
	expect(said(slip)).toMatchObject({
		name: 'Defect',
		message:
			'This is a defect of the lab: while reading pairs.json, something happened that it does not foresee ' +
			"(TypeError: Cannot read properties of undefined (reading 'x')). Nothing stored was touched. " +
			'Please report it in these words; the browser’s console says more.',
	});
	expect(told(slip, 'training', 'writing').message).toContain('whole or not at all');
	expect(said('no disk')).toMatchObject({ name: 'Defect' });
	expect(said(undefined)).toMatchObject({ name: 'Defect' });
});
