import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkProfile, launchError } from './launchError.mjs';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lab-profile-'));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

test('a profile is made, and a file in its place is told as that', () => {
	const profile = join(folder, 'a', 'b');
	checkProfile(profile);
	expect(existsSync(profile)).toBe(true);
	const file = join(folder, 'file');
	writeFileSync(file, '');
	expect(() => {
		checkProfile(file);
	}).toThrow(/The profile .*file cannot be used: there is a file of that name; name a folder/);
	expect(() => {
		checkProfile(join(file, 'within'));
	}).toThrow(/a part of its path is a file/);
});

/** As Playwright reports them: a line that matters among many. */
const launch = (line: string) =>
	launchError(
		new Error(
			`browserType.launchPersistentContext: Failed\n\u001B[2mCall log:\u001B[22m\n${line}\n  - <killed>`,
		),
	).message;

test.each([
	[
		"Executable doesn't exist at /none/chrome",
		/no browser where one was expected.*\/none\/chrome.*CHROMIUM/,
	],
	['spawn /none/chrome ENOENT', /no browser where one was expected/],
	['spawn /etc/passwd EACCES', /may not be started.*permissions/],
	[
		'chrome: error while loading shared libraries: libnss3.so: cannot open shared object file',
		/lacks a library .*libnss3\.so/,
	],
	['[1:1:ERROR] write failed: No space left on device (28)', /disk is full.*Free space/],
])('a browser that does not start: %s', (line, says) => {
	expect(launch(line)).toMatch(says);
	expect(launch(line)).not.toContain('\n');
});

test('for another reason is told in one line, with what may help', () => {
	expect(launch('something else')).toMatch(
		/^The browser did not start \(browserType.*: Failed\)\. Close other browsers.*LAB_STACK=1/,
	);
});
