/** The built page in Chromium, slowed and stopped as a user's is, and what its processes hold. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type CDPSession, type Page } from 'playwright';
import { startServer } from '../../src/headless/server.mjs';
import { launchOptions } from '../chromium.ts';

/** Bytes at a moment. */
export interface Held {
	/** Updates done. */
	readonly step: number;
	/** Of JavaScript in the page, after a collection. */
	readonly heap: number;
	/** Private and shared memory of the renderer: JavaScript of the workers and the WASM heap are in it. */
	readonly renderer: number;
	/** Of the GPU process: an emulated adapter's memory is in it. */
	readonly gpu: number;
	/** Of what the database holds, but for the one record of every update, which is kept. */
	readonly database: number;
	/** Of the database's files: up to a few rewritings more, as the browser tidies them when it likes. */
	readonly files: number;
}

interface SoakPage {
	/** Runs a function of the command line's page. */
	readonly call: (name: string, argument: unknown) => Promise<unknown>;
	/** Chromium's version. */
	readonly version: string;
	readonly share: (paths: readonly string[]) => { name: string; url: string; size: number }[];
	readonly held: () => Promise<Held>;
	/** Lets timers of the page run once a second, as in a hidden tab: a page that is driven is never hidden. */
	slowTimers(): Promise<void>;
	/** Stops the renderer, as a laptop that sleeps does, and lets it go on. */
	stopRenderer(milliseconds: number): Promise<void>;
	close(): Promise<void>;
}

/** Proportional set size in bytes; 0 where the process is gone. */
function memoryOf(process: number | undefined): number {
	if (process === undefined) return 0;
	const rollup = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
	return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
}

/** Ids of the processes of a kind; the renderers' are told apart by what they hold. */
async function processes(session: CDPSession, type: string): Promise<number[]> {
	const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
		processInfo: { type: string; id: number }[];
	};
	return processInfo.filter((one) => one.type === type).map(({ id }) => id);
}

const largest = (ids: readonly number[]) =>
	[...ids].sort((a, b) => memoryOf(b) - memoryOf(a)).at(0);

/** Bytes of the files below a folder; files that go meanwhile are left out. */
function bytesBelow(folder: string): number {
	if (!existsSync(folder)) return 0;
	let sum = 0;
	for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
		if (entry.isFile())
			sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
	return sum;
}

interface InPage {
	readonly soakStep?: number;
	readonly gc: () => void;
	readonly performance: { readonly memory: { readonly usedJSHeapSize: number } };
}

/** Runs in the page before its scripts: notes how far the run is, and lets timers be slowed. */
function prepare(): void {
	const state = globalThis as unknown as { leastDelay?: number; soakStep?: number };
	const labEvent = ({ kind, step = 0 }: { kind: string; step?: number }) => {
		if (kind === 'step') state.soakStep = step + 1;
	};
	const start = setTimeout;
	const slowed = (run: () => void, delay = 0, ...given: []) =>
		start(run, Math.max(delay, state.leastDelay ?? 0), ...given);
	Object.assign(globalThis, { labEvent, setTimeout: slowed });
}

/** How far the run is, and the page's heap once nothing is left to collect. */
async function afterCollection(page: Page): Promise<Pick<Held, 'step' | 'heap'>> {
	// The helpers of the WASM backend sleep in their kernels and answer nobody.
	for (const worker of page.workers())
		if (/trainer|store|data/.test(worker.url()))
			await worker.evaluate(() => {
				(globalThis as unknown as InPage).gc();
			});
	return page.evaluate(() => {
		const { gc, soakStep = 0, performance } = globalThis as unknown as InPage;
		gc();
		return { step: soakStep, heap: performance.memory.usedJSHeapSize };
	});
}

/** Runs in the page: bytes of all values of the database. */
async function databaseBytes(): Promise<number> {
	const asked = <Value>(request: IDBRequest<Value>) =>
		new Promise<Value>((resolve, reject) => {
			request.onsuccess = () => {
				resolve(request.result);
			};
			request.onerror = () => {
				reject(new Error(String(request.error)));
			};
		});
	const known = await indexedDB.databases();
	if (!known.some(({ name }) => name === 'cogsym-lab')) return 0;
	const database = await asked(indexedDB.open('cogsym-lab'));
	let sum = 0;
	for (const name of [...database.objectStoreNames].filter((one) => one !== 'metrics')) {
		const values = await asked(database.transaction(name).objectStore(name).getAll());
		for (const value of values as unknown[])
			sum += value instanceof ArrayBuffer ? value.byteLength : JSON.stringify(value).length;
	}
	database.close();
	return sum;
}

async function call(page: Page, name: string, argument: unknown): Promise<unknown> {
	const answer = await page.evaluate(([asked, given]) => globalThis.lab?.(asked as never, given), [
		name,
		argument,
	] as [string, never]);
	if (answer && 'value' in answer) return answer.value;
	throw new Error(answer?.error ?? 'the page has gone');
}

export async function openSoakPage(): Promise<SoakPage> {
	const server = await startServer();
	// Without a profile the database would be in memory.
	const profile = mkdtempSync(join(tmpdir(), 'lab-soak-'));
	const context = await chromium.launchPersistentContext(profile, {
		...launchOptions,
		args: [
			...launchOptions.args,
			'--disable-gpu-watchdog',
			'--js-flags=--expose-gc',
			'--enable-precise-memory-info',
		],
	});
	const browser = context.browser();
	if (!browser) throw new Error('Chromium cannot be asked for its processes');
	const session = await browser.newBrowserCDPSession();
	const page = await context.newPage();
	await page.addInitScript(prepare);
	await page.goto(`${server.url}/?headless`);
	await page.waitForFunction(() => 'lab' in globalThis);
	return {
		call: (name, argument) => call(page, name, argument),
		version: browser.version(),
		share: (paths) => server.share(paths),
		async held() {
			const inPage = await afterCollection(page);
			// In a page of its own, for what reading takes.
			const reader = await context.newPage();
			await reader.goto(`${server.url}/favicon.svg`);
			const database = await reader.evaluate(databaseBytes);
			await reader.close();
			const files = bytesBelow(join(profile, 'Default', 'IndexedDB'));
			const [renderers, gpus] = [
				await processes(session, 'renderer'),
				await processes(session, 'GPU'),
			];
			return {
				...{ ...inPage, database, files },
				renderer: memoryOf(largest(renderers)),
				gpu: memoryOf(gpus[0]),
			};
		},
		slowTimers: () =>
			page.evaluate(() => {
				Object.assign(globalThis, { leastDelay: 1000 });
			}),
		async stopRenderer(milliseconds) {
			const renderer = largest(await processes(session, 'renderer'));
			if (renderer === undefined) throw new Error('the browser has no renderer');
			process.kill(renderer, 'SIGSTOP');
			await new Promise((resolve) => setTimeout(resolve, milliseconds));
			process.kill(renderer, 'SIGCONT');
		},
		async close() {
			await context.close();
			server.close();
			rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
