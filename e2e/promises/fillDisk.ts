/** A small disk filled to the brim in the middle of every kind of write: what was kept before stays, or its loss is told. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../src/engine/random.ts';
import { openLab, type OpenLab } from '../../src/headless/browser.mjs';
import { activities, nothingYet, type Promised, study, trainRequest } from './activities.ts';
import { type Material, writeMaterial } from './material.ts';
import { kill, listener } from './moments.ts';
import { mountDisk, type SmallDisk } from './smallDisk.ts';
import { faultsOf } from './verify.ts';

export interface Fill {
	/** Bytes that something else left of the disk. */
	readonly left: number;
	/** What was said of what could not be written. */
	readonly refusals: readonly string[];
	readonly killed: boolean;
	/** Whether what is kept free was taken, too, once it was given back: then the browser has nothing to write with. */
	readonly robbed: boolean;
	/** What became of the library. */
	readonly library: 'kept' | 'its loss was told' | 'lost';
	readonly faults: readonly string[];
}

interface Place {
	readonly lab: OpenLab;
	readonly material: Material;
	readonly promised: Promised;
	readonly disk: SmallDisk;
	readonly left: number;
	readonly robbed: boolean;
	/** A run that is kept. */
	readonly run: string;
}

const evaluate = ({ lab, material, run }: Place) =>
	lab.call('evaluate', {
		...{ model: null, run, sentiment: null, lens: false, paper: null, own: null },
		...{ texts: { file: lab.share([material.texts])[0], columns: ['en'], rows: [0, 8] } },
		...{ predictionFile: null, comet: null },
	});

/** What a study has not done, it says of each run, and ends. */
async function studyOf({ lab }: Place, seed: number): Promise<void> {
	const { runs } = await study(lab, seed);
	const error = runs.find((one) => one.error !== null)?.error;
	if (error) throw new Error(error);
}

/** Each kind of write until it is refused; one that is not, in so many attempts, has room. */
const writes: readonly [
	times: number,
	write: (place: Place, number: number) => Promise<unknown>,
][] = [
	[10, (place, number) => activities.import({ ...place, number, runs: [] })],
	[1, (place) => activities.checkpoint({ ...place, number: 0, runs: [] })],
	[1, (place) => activities.training({ ...place, number: 0, runs: [] })],
	[1, (place) => activities.export({ ...place, number: 0, runs: [place.run] })],
	[3, evaluate],
	[1, (place) => studyOf(place, 2)],
];

async function attempt(place: Place): Promise<string[]> {
	const refusals: string[] = [];
	for (const [times, write] of writes)
		for (let time = 1; time <= times; time += 1)
			try {
				await write(place, time);
			} catch (error) {
				refusals.push(error instanceof Error ? error.message : String(error));
				break;
			}
	return refusals;
}

/** Trains, studies, takes the room away, and writes; perhaps takes what was kept free, too, and writes again. */
async function whileFull(options: Omit<Place, 'run'>): Promise<string[]> {
	const { lab, material, promised, disk, left, robbed } = options;
	try {
		await lab.call('start', 'wasm');
		await study(lab);
		const { run, steps } = (await lab.call('train', trainRequest(lab, material, false))) as {
			run: string;
			steps: number;
		};
		promised.checkpoints.set(run, steps);
		const place = { ...options, run };
		disk.takeRoom(left);
		const refusals = await attempt(place);
		if (!robbed) return refusals;
		disk.takeRoom(left);
		return [...refusals, ...(await attempt(place))];
	} catch (error) {
		await lab.close();
		throw error;
	}
}

async function oneFill(
	disk: SmallDisk,
	material: Material,
	setting: Pick<Fill, 'left' | 'killed' | 'robbed'>,
): Promise<Fill> {
	const profile = join(disk.folder, 'profile');
	mkdirSync(profile);
	const promised = nothingYet();
	const lab = await openLab({ profile, onEvent: listener(promised) });
	const refusals = await whileFull({ lab, material, promised, disk, ...setting });
	if (setting.killed) await kill(profile);
	await lab.close();
	disk.freeRoom();
	const again = await openLab({ profile, onEvent: () => undefined });
	try {
		const { runs, lost } = (await again.call('library')) as { runs: unknown[]; lost: unknown };
		// Of a browser that could not write at all, no more is promised than that it is told.
		if (lost !== null && setting.robbed)
			return { ...setting, refusals, library: 'its loss was told', faults: [] };
		const { faults } = await faultsOf(again, promised, new Map());
		const unclear = refusals.filter((refusal) => !refusal.includes('Nothing stored was lost'));
		return {
			...setting,
			refusals,
			library: runs.length > 0 && lost === null ? 'kept' : 'lost',
			faults: [...faults, ...unclear.map((refusal) => `a full disk was told as: ${refusal}`)],
		};
	} finally {
		await again.close();
		rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
	}
}

export async function fillDisk(options: {
	readonly fills: number;
	readonly seed: number;
	readonly onFill?: (fill: Fill) => void;
}): Promise<Fill[] | null> {
	const disk = mountDisk();
	if (disk === null) return null;
	const folder = mkdtempSync(join(tmpdir(), 'lab-promises-'));
	try {
		const material = writeMaterial(folder);
		const random = createRandom(options.seed);
		const fills: Fill[] = [];
		for (let number = 0; number < options.fills; number += 1) {
			// From all but nothing to more than one chunk.
			const left = Math.floor(50_000 * 800 ** random.next());
			const setting = { left, killed: number % 2 === 1, robbed: number % 4 >= 2 };
			const filled = await oneFill(disk, material, setting);
			fills.push(filled);
			options.onFill?.(filled);
		}
		return fills;
	} finally {
		disk.unmount();
		rmSync(folder, { recursive: true, force: true });
	}
}
