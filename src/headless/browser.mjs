/** Opens the built page in headless Chromium and calls the functions that page.ts put on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright';
import { deviceOptions } from './chromium.mjs';
import { checkProfile, launchError } from './launchError.mjs';
import { startServer } from './server.mjs';

/** One origin whatever the port, so that a profile finds its data again. A localhost name counts as secure. */
const host = 'lab.localhost';

/** Why a browser did not start, without its log, which runs to thousands of characters. */
function launchFailure(profile, error) {
	if (/ProcessSingleton|SingletonLock|existing browser session/.test(error.message))
		return new Error(
			`The profile ${profile} is in use by another command or browser; wait until that has ended, or name another --profile. ` +
				'Nothing was changed.',
		);
	const [first = ''] = error.message.split('\n');
	const told = /\[err\] (.*)/.exec(error.message)?.[1] ?? '';
	return new Error(`The browser did not start: ${first}${told && ` (${told})`}`);
}

async function openContext(profile, port) {
	const options = deviceOptions();
	const launching = chromium.launchPersistentContext(profile, {
		...options,
		args: [...options.args, `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`],
		acceptDownloads: true,
		// Signals are the command's business (signals.mjs): a browser that closed at once could write no checkpoint.
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
	});
	return launching.catch((error) => {
		throw launchFailure(profile, error);
	});
}

/** Rejects when the page dies: a call into it would wait for ever. */
function death(page) {
	const died = new Promise((_resolve, reject) => {
		page.once('crash', () =>
			reject(
				new Error(
					'The browser’s page crashed, most likely for want of memory. Take a smaller batch or shorter sequences; ' +
						'what the profile holds is still there.',
				),
			),
		);
		page.once('close', () =>
			reject(
				new Error(
					'The browser was closed or ended from outside before the command was done. Give the command again; what a --profile holds is still there.',
				),
			),
		);
	});
	died.catch(() => undefined);
	return died;
}

/**
 * Starts server, browser and page. `call(name, argument)` runs a function of the page, `onEvent` takes what it reports.
 * Without a profile everything the page stores is gone at `close`.
 */
export async function openLab({ profile, onEvent }) {
	const server = await startServer();
	const folder = profile ? resolve(profile) : mkdtempSync(join(tmpdir(), 'lab-profile-'));
	const clean = () => {
		process.off('exit', clean);
		server.close();
		if (!profile) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	let context;
	try {
		checkProfile(folder);
		context = await openContext(folder, server.port).catch((error) => {
			throw launchError(error);
		});
		// After Playwright's own listener, which kills the browser that writes there.
		process.on('exit', clean);
		const page = context.pages()[0] ?? (await context.newPage());
		page.on('pageerror', (error) => console.error(`page: ${error.message}`));
		await page.exposeFunction('labEvent', onEvent);
		const died = death(page);
		await page.goto(`http://${host}/?headless${profile ? '&kept' : ''}`);
		await page.waitForFunction(() => globalThis.lab !== undefined);
		return {
			page,
			share: server.share,
			call: async (name, argument) => {
				const answer = await Promise.race([page.evaluate(callInPage, { name, argument }), died]);
				if (answer.error === undefined) return answer.value;
				throw Object.assign(new Error(answer.error), {
					name: answer.name,
					pageStack: answer.stack,
				});
			},
			close: async () => {
				// Of a browser that was killed there is nothing left to close.
				await context.close().catch(() => undefined);
				clean();
			},
		};
	} catch (error) {
		await context?.close();
		clean();
		throw error;
	}
}

/** Runs inside the page, which gives errors as values: Playwright would add its own stack to the message. */
const callInPage = ({ name, argument }) => globalThis.lab(name, argument);
