/** Opens the built page in headless Chromium and calls the functions that page.ts put on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright';
import { deviceOptions } from './chromium.mjs';
import { startServer } from './server.mjs';

/** One origin whatever the port, so that a profile finds its data again. A localhost name counts as secure. */
const host = 'lab.localhost';

async function openContext(profile, port) {
	const options = deviceOptions();
	return chromium.launchPersistentContext(profile, {
		...options,
		args: [...options.args, `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`],
		acceptDownloads: true,
		// Signals are the command's business (signals.mjs): a browser that closed at once could write no checkpoint.
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
	});
}

/** Rejects when the page dies: a call into it would wait for ever. */
function death(page) {
	const died = new Promise((_resolve, reject) => {
		page.once('crash', () =>
			reject(new Error('The page crashed, most likely out of memory. Take a smaller batch.')),
		);
		page.once('close', () => reject(new Error('The page was closed.')));
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
		context = await openContext(folder, server.port);
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
				if (answer.error) throw new Error(answer.error);
				return answer.value;
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

/** Runs inside the page. Errors come back as text: Playwright would add its own stack to the message. */
async function callInPage({ name, argument }) {
	try {
		return { value: await globalThis.lab[name](argument) };
	} catch (error) {
		return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
	}
}
