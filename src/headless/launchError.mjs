/** Why no browser could be opened on a profile, in words. Playwright's own are pages long. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** What the system says of a folder that cannot be used, by its code. */
const folderFaults = {
	EACCES: 'it may not be written; choose another --profile or change its permissions',
	EPERM: 'it may not be written; choose another --profile or change its permissions',
	EROFS: 'its file system is read only; choose another --profile',
	ENOSPC: 'the disk is full; free space or choose a --profile on another disk',
	EDQUOT: 'your share of the disk is used up; free space or choose a --profile on another disk',
	EEXIST: 'there is a file of that name; name a folder with --profile',
	ENOTDIR: 'a part of its path is a file; name a folder with --profile',
};

/** Makes the profile's folder, and throws an error that says why where it cannot be written. */
export function checkProfile(folder) {
	try {
		mkdirSync(folder, { recursive: true });
		accessSync(folder, constants.W_OK | constants.X_OK);
	} catch (error) {
		const why = folderFaults[error.code] ?? error.message;
		throw new Error(`The profile ${folder} cannot be used: ${why}.`, { cause: error });
	}
}

const launchFaults = [
	{
		says: /executable doesn't exist|ENOENT|failed to launch.*no such file/i,
		why: (line) =>
			`There is no browser where one was expected (${line}). Name a Chromium with the environment variable CHROMIUM, ` +
			'or install one.',
	},
	{
		says: /EACCES|permission denied/i,
		why: (line) =>
			`The browser may not be started (${line}). Look at the permissions of what CHROMIUM names.`,
	},
	{
		says: /shared librar(?:y|ies)|missing dependencies|GLIBC/i,
		why: (line) =>
			`The browser cannot start on this machine, for it lacks a library (${line}). Install Chromium by the system’s ` +
			'package manager, or name another one with CHROMIUM.',
	},
	{
		says: /ENOSPC|no space left|disk (?:is )?full/i,
		why: (line) =>
			`The browser could not start, for the disk is full (${line}). Free space, in the folder for temporary files too, ` +
			'or choose another --profile.',
	},
];

/** One line for a browser that did not start. */
export function launchError(error) {
	const lines = stripVTControlCharacters(error.message).split('\n');
	for (const { says, why } of launchFaults) {
		const line = lines.find((one) => says.test(one));
		if (line !== undefined) return new Error(why(line.trim()), { cause: error });
	}
	const [first] = lines;
	return new Error(
		`The browser did not start (${first.trim()}). Close other browsers on the same profile, or name another Chromium ` +
			'with CHROMIUM; LAB_STACK=1 shows all that it said.',
		{ cause: error },
	);
}
