/** A browser killed at random moments of all that writes: nothing that was reported kept is lost, runs end bit-equal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../src/engine/random.ts';
import { openLab, type OpenLab } from '../../src/headless/browser.mjs';
import { browserOf } from '../fixtures/killed.ts';
import {
	activities,
	type Kind,
	kinds,
	makesRuns,
	nothingYet,
	type Promised,
	study,
	trainRequest,
} from './activities.ts';
import { type Material, writeMaterial } from './material.ts';
import { faultsOf, type Reference } from './verify.ts';

export interface KilledMoment {
	readonly kind: Kind;
	/** From the beginning of the activity. */
	readonly milliseconds: number;
	/** Whether the activity had ended by then. */
	readonly ended: boolean;
	/** What did not hold when the profile was opened again. */
	readonly faults: readonly string[];
}

export interface Options {
	readonly moments: number;
	readonly seed: number;
	/** Left out where they take too long. */
	readonly kinds?: readonly Kind[];
	readonly onMoment?: (moment: KilledMoment, number: number) => void;
}

interface Trained {
	readonly run: string;
	readonly losses: readonly number[];
}

/** Numbers of what nothing interrupts, and how long each kind takes. */
interface Whole {
	readonly reference: Reference;
	readonly study: string | null;
	readonly milliseconds: Map<Kind, number>;
}

/** Everything once, in a profile of its own. */
async function undisturbed(material: Material, asked: readonly Kind[]): Promise<Whole> {
	const lab = await openLab({ onEvent: () => undefined });
	const milliseconds = new Map<Kind, number>();
	const timed = async <T>(kind: Kind, work: () => Promise<T>): Promise<T> => {
		const before = Date.now();
		const result = await work();
		milliseconds.set(kind, Date.now() - before);
		return result;
	};
	try {
		await lab.call('start', 'wasm');
		const runs: Trained[] = [];
		for (const kind of ['training', 'checkpoint'] as const)
			runs.push(
				await timed(kind, async () => {
					const request = trainRequest(lab, material, kind === 'checkpoint');
					return (await lab.call('train', request)) as Trained;
				}),
			);
		const rows = asked.includes('study') ? (await timed('study', () => study(lab))).rows : null;
		const promised = nothingYet();
		const moment = { lab, material, promised, number: 0, runs: runs.map(({ run }) => run) };
		for (const kind of ['import', 'export', 'deletion'] as const)
			await timed(kind, () => activities[kind](moment));
		const reference = new Map(runs.map(({ run, losses }) => [run, losses]));
		return { reference, study: rows && JSON.stringify(rows), milliseconds };
	} finally {
		await lab.close();
	}
}

/** Takes what a page reports of the run it trains. */
export function listener(promised: Promised): (event: object) => void {
	let run = '';
	return (event) => {
		const told = event as { kind: string; run?: string; step?: number };
		if (told.kind === 'plan') run = told.run ?? '';
		if (told.kind === 'checkpoint' && run !== '') promised.checkpoints.set(run, told.step ?? 0);
	};
}

export async function kill(profile: string): Promise<void> {
	const browser = browserOf(profile);
	if (browser === null) throw new Error('There is no browser to kill');
	process.kill(browser, 'SIGKILL');
	while (browserOf(profile) !== null) await new Promise((resolve) => setTimeout(resolve, 20));
}

const trains: ReadonlySet<Kind> = new Set(['training', 'checkpoint']);

/** Kills the browser that many milliseconds into `work`; true where that had ended by then. */
async function killed(profile: string, within: number, work: () => Promise<unknown>) {
	let ended = false;
	const over = work().then(
		() => (ended = true),
		() => undefined,
	);
	await new Promise((resolve) => setTimeout(resolve, within));
	const before = ended;
	await kill(profile);
	await over;
	return before;
}

/** Numbers of runs that were taken up as often as it took, and of the study. */
async function finish(lab: OpenLab, material: Material, whole: Whole): Promise<string[]> {
	await lab.call('start', 'wasm');
	const faults: string[] = [];
	for (const often of [false, true]) {
		const request = trainRequest(lab, material, often);
		const { run, losses } = (await lab.call('train', request)) as Trained;
		if (JSON.stringify(losses) !== JSON.stringify(whole.reference.get(run)))
			faults.push(`run ${run} ended with other losses than one that was not interrupted`);
	}
	if (whole.study !== null && JSON.stringify((await study(lab)).rows) !== whole.study)
		faults.push('the study ended with other rows than one that was not interrupted');
	return faults;
}

/** Kills, opens, checks, `moments` times over; the last entry is of the runs' end. */
export async function killAtMoments(options: Options): Promise<KilledMoment[]> {
	const folder = mkdtempSync(join(tmpdir(), 'lab-promises-'));
	try {
		return await moments(folder, options);
	} finally {
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	}
}

async function moments(folder: string, options: Options): Promise<KilledMoment[]> {
	const asked = options.kinds ?? kinds;
	const material = writeMaterial(folder);
	const whole = await undisturbed(material, asked);
	const profile = join(folder, 'profile');
	const random = createRandom(options.seed);
	const promised = nothingYet();
	const seen: KilledMoment[] = [];
	for (let number = 1; number <= options.moments; number += 1) {
		const kind = asked[number % asked.length] ?? 'training';
		const within = random.next() * (whole.milliseconds.get(kind) ?? 1000);
		const lab = await openLab({ profile, onEvent: listener(promised) });
		try {
			const { faults, stored } = await faultsOf(lab, promised, whole.reference);
			if (trains.has(kind)) await lab.call('start', 'wasm');
			const runs = stored.runs.map(({ id }) => id);
			if (makesRuns.has(kind)) promised.deleted.clear();
			const place = { lab, material, promised, number, runs };
			const ended = await killed(profile, within, () => activities[kind](place));
			const moment = { kind, milliseconds: within, ended, faults };
			seen.push(moment);
			options.onMoment?.(moment, number);
		} finally {
			await lab.close();
		}
	}
	const lab = await openLab({ profile, onEvent: listener(promised) });
	try {
		const { faults } = await faultsOf(lab, promised, whole.reference);
		const last = [...faults, ...(await finish(lab, material, whole))];
		return [...seen, { kind: 'training', milliseconds: 0, ended: true, faults: last }];
	} finally {
		await lab.close();
	}
}
