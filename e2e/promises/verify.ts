/** What must hold in a profile whose browser was killed. */
import type { Page } from 'playwright';
import type { OpenLab } from '../../src/headless/browser.mjs';
import type { Promised } from './activities.ts';
import { readStored, type Stored } from './stored.ts';

/** Losses of every update by run, of runs that nothing ever interrupted. */
export type Reference = ReadonlyMap<string, readonly number[]>;

/** The library as it is once the page has tidied up. */
async function settled(page: Page): Promise<Stored> {
	for (let attempt = 0; ; attempt += 1) {
		const stored = await readStored(page);
		if (stored.orphans === 0 || attempt === 30) return stored;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

function runFaults({ runs }: Stored, { checkpoints }: Promised, reference: Reference): string[] {
	const faults: string[] = [];
	for (const [id, step] of checkpoints) {
		const run = runs.find((stored) => stored.id === id);
		if (!run) faults.push(`run ${id} is gone`);
		else if ((run.checkpointStep ?? 0) < step || !run.checkpoints.includes(run.checkpointStep ?? 0))
			faults.push(`run ${id} has no checkpoint after ${step} updates any more`);
		else if (run.losses.length < step) faults.push(`run ${id} has lost metrics`);
	}
	for (const { id, losses } of runs) {
		const expected = reference.get(id);
		if (expected && losses.some((loss, step) => loss !== expected[step]))
			faults.push(`run ${id} has other losses than one that was not interrupted`);
	}
	return faults;
}

/** Opens the library as a page does, and names what does not hold. */
export async function faultsOf(
	lab: OpenLab,
	promised: Promised,
	reference: Reference,
): Promise<{ faults: string[]; stored: Stored }> {
	const { lost } = (await lab.call('library')) as { lost: unknown };
	const stored = await settled(lab.page);
	const present = new Set([...stored.models, ...stored.runs.map(({ id }) => id)]);
	const faults = [
		...(lost === null ? [] : [`the library says it was lost: ${JSON.stringify(lost)}`]),
		...[...promised.models].filter((id) => !present.has(id)).map((id) => `model ${id} is gone`),
		...[...promised.deleted].filter((id) => present.has(id)).map((id) => `${id} came back`),
		...stored.broken.map((hash) => `chunk ${hash} is damaged or missing`),
		...(stored.orphans === 0 ? [] : [`${stored.orphans} chunks that nothing refers to`]),
		...runFaults(stored, promised, reference),
	];
	return { faults, stored };
}
