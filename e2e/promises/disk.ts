/** A small disk filled to the brim in the middle of every kind of write: what was kept before stays, or its loss is told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../src/engine/random.ts';
import { openLab, type OpenLab } from '../../src/headless/browser.mjs';
import { activities, type Kind, nothingYet, type Promised, trainRequest } from './activities.ts';
import { type Material, writeMaterial } from './material.ts';
import { kill, listener } from './moments.ts';
import { faultsOf } from './verify.ts';

export interface Fill {
	/** Bytes that something else left of the disk. */
	readonly left: number;
	/** First words of what was said when the disk was full. */
	readonly refusals: readonly string[];
	readonly killed: boolean;
	/** Whether the library was there afterwards. */
	readonly kept: boolean;
	readonly faults: readonly string[];
}

const megabytes = 100;

/** Null where this user may not mount a disk. */
export function mountDisk(): { folder: string; unmount: () => void } | null {
	const folder = mkdtempSync(join(tmpdir(), 'lab-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
			stdio: 'ignore',
		});
	} catch {
		rmSync(folder, { recursive: true });
		return null;
	}
	return {
		folder,
		unmount: () => {
			execFileSync('umount', [folder]);
			rmSync(folder, { recursive: true });
		},
	};
}

/** Takes the disk but for `left` bytes, as another program would. */
function takeRoom(folder: string, left: number): string {
	const { bavail, bsize } = statfsSync(folder);
	const ballast = join(folder, 'ballast');
	writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left), 1));
	return ballast;
}

/** Writes of every kind until each was refused; a kind that is not refused in ten attempts has room. */
async function fill(lab: OpenLab, material: Material, promised: Promised): Promise<string[]> {
	const refusals: string[] = [];
	let number = 0;
	const attempt = async (kind: Kind, times: number) => {
		for (let time = 0; time < times; time += 1) {
			number += 1;
			const runs = [...promised.checkpoints.keys()];
			try {
				await activities[kind]({ lab, material, promised, number, runs });
			} catch (error) {
				refusals.push(error instanceof Error ? error.message : String(error));
				return;
			}
		}
	};
	await attempt('import', 10);
	await attempt('checkpoint', 1);
	await attempt('training', 1);
	await attempt('export', 1);
	return refusals;
}

interface Setting {
	readonly material: Material;
	readonly left: number;
	readonly killed: boolean;
}

/** Trains a run that is kept, takes the room away, and writes. */
async function whileFull(
	lab: OpenLab,
	disk: string,
	promised: Promised,
	{ material, left }: Pick<Setting, 'material' | 'left'>,
): Promise<{ refusals: string[]; ballast: string }> {
	try {
		await lab.call('start', 'wasm');
		const { run, steps } = (await lab.call('train', trainRequest(lab, material, false))) as {
			run: string;
			steps: number;
		};
		promised.checkpoints.set(run, steps);
		const ballast = takeRoom(disk, left);
		return { refusals: await fill(lab, material, promised), ballast };
	} catch (error) {
		await lab.close();
		throw error;
	}
}

async function oneFill(disk: string, { material, left, killed }: Setting): Promise<Fill> {
	const profile = join(disk, 'profile');
	mkdirSync(profile);
	const promised = nothingYet();
	const lab = await openLab({ profile, onEvent: listener(promised) });
	const { refusals, ballast } = await whileFull(lab, disk, promised, { material, left });
	if (killed) await kill(profile);
	await lab.close();
	rmSync(ballast);
	const again = await openLab({ profile, onEvent: () => undefined });
	try {
		const { faults } = await faultsOf(again, promised, new Map());
		const { runs, lost } = (await again.call('library')) as { runs: unknown[]; lost: unknown };
		return { left, refusals, killed, kept: runs.length > 0 && lost === null, faults };
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
			const filled = await oneFill(disk.folder, { material, left, killed: number % 2 === 1 });
			fills.push(filled);
			options.onFill?.(filled);
		}
		return fills;
	} finally {
		disk.unmount();
		rmSync(folder, { recursive: true, force: true });
	}
}
