/** Takes steps of several contestants in turn, so that whatever slows the machine slows them alike. */
import type { Page } from 'playwright';
import { runInPage, type BenchBrowser } from './drive.ts';
import { median } from './median.ts';
import type { Entry, Facts } from './page/api.ts';
import type { PeakBytes } from './peers/peer.ts';

export interface Result {
	readonly facts: Facts;
	readonly losses: readonly number[];
	/** Wall time of each timed step in milliseconds. */
	readonly milliseconds: readonly number[];
	/** Memory of the last step. */
	readonly peakBytes: PeakBytes | null;
}

export interface Rounds {
	/** Steps that are taken first and not timed: kernels compile, pools fill. */
	readonly warmUp: number;
	readonly timed: number;
}

/** Losses of two contestants may differ this much, relatively: they compute the same step in another order. */
const TOLERANCE = 1e-4;

/** Throws where two contestants that train the same tensors part ways. */
export function requireSameLosses(results: readonly Result[]): void {
	const [first, ...others] = results;
	for (const other of others)
		for (const [step, loss] of other.losses.entries()) {
			const expected = first?.losses[step] ?? NaN;
			if (!(Math.abs(loss - expected) <= TOLERANCE * Math.abs(expected)))
				throw new Error(
					`step ${step}: loss ${loss} of ${other.facts.name}, ` +
						`${expected} of ${first?.facts.name ?? 'nobody'}; they do not compute the same step`,
				);
		}
}

/** Opens a page per contestant, warms each up, then lets them take one step each per round. */
export async function contest(
	browser: BenchBrowser,
	entries: readonly Entry[],
	{ warmUp, timed }: Rounds,
	report: (line: string) => void,
): Promise<Result[]> {
	const open = async (entry: Entry) => {
		const page: Page = await browser.newPage();
		const facts = await runInPage(page, 'open', entry);
		const { losses } = await runInPage(page, 'steps', 0, warmUp);
		report(`${facts.name}: ready`);
		return { page, facts, losses: [...losses], milliseconds: [] as number[] };
	};
	const contestants: Awaited<ReturnType<typeof open>>[] = [];
	for (const entry of entries) contestants.push(await open(entry));
	for (let round = 0; round < timed; round++)
		for (const { page, losses, milliseconds } of contestants) {
			await page.bringToFront();
			const steps = await runInPage(page, 'steps', warmUp + round, 1);
			losses.push(...steps.losses);
			milliseconds.push(...steps.milliseconds);
		}
	const results: Result[] = [];
	for (const { page, facts, losses, milliseconds } of contestants) {
		report(`${facts.name}: ${median(milliseconds).toFixed(0)} ms`);
		results.push({ facts, losses, milliseconds, peakBytes: await runInPage(page, 'peakBytes') });
		await runInPage(page, 'close');
		await page.close();
	}
	return results;
}
