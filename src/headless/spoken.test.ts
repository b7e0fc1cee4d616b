import { expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { spoken } from './spoken.ts';

test('a command says the words of the page, and what to do at a terminal', () => {
	const refusal = namedError('BadInput', 'pairs.json: row 3 has no output; add one');
	expect(spoken(refusal).message).toBe('pairs.json: row 3 has no output; add one.');
	const lost = namedError('DeviceLost', 'The graphics device was lost.');
	expect(spoken(lost).message).toBe(
		'The graphics device was lost. Give the same command again; a run of a profile goes on with --resume RUN.',
	);
});

test('what a command throws on purpose has its words, what nobody foresaw is called a defect', () => {
	expect(spoken(new Error('There is no run "x"')).message).toBe('There is no run "x".');
	const slip = spoken(new TypeError('x is undefined'));
	expect(slip.name).toBe('Defect');
	expect(slip.message).toMatch(/^This is a defect of the lab: while this command ran.*TypeError/);
});
