// Finds out on an adapter which kernel is fastest for small, middling and large matrix products, once: the answer is cached.
import * as v from 'valibot';
import {
	kernelFor,
	type ProductChoice,
	type ProductKernel,
	productKernels,
	standardChoice,
	tilesOf,
} from './productKernels.ts';

/** Where choices are kept between visits, by adapter and kernels; what comes back is checked. */
export interface ChoiceCache {
	get(key: string): Promise<unknown>;
	set(key: string, choice: ProductChoice): Promise<void>;
}

export interface Stopwatch {
	/** Milliseconds of a square product of this side, in the three layouts of a linear layer, by a kernel. */
	measure(kernel: ProductKernel, side: number): Promise<number>;
	/** The same with 8-bit weights and tiles of 64, which hold 16-bit or 32-bit floats; null: the adapter has no 16 bits. */
	readonly measureInt8: ((halfTiles: boolean, side: number) => Promise<number>) | null;
	/** Milliseconds since some moment. */
	now(): number;
}

/** 16, 64 and 256 tiles. */
const sides = [256, 512, 1024] as const;

/** Milliseconds a calibration takes at most, about; it starts no side that could take it past them. */
const budget = 300;

/** Times waver: a kernel takes the standard one's place only where it is a tenth faster. */
const clearly = 0.9;

const fastest = async (stopwatch: Stopwatch, side: number): Promise<ProductKernel> => {
	let best = kernelFor(standardChoice.tiled, tilesOf(side, side));
	let toBeat = clearly * (await stopwatch.measure(best, side));
	for (const kernel of productKernels.filter((other) => other !== best)) {
		const time = await stopwatch.measure(kernel, side);
		if (time >= toBeat) continue;
		best = kernel;
		toBeat = time;
	}
	return best;
};

/** Whether half tiles are clearly faster at the middling side. */
const halfTilesGain = async ({ measureInt8 }: Stopwatch): Promise<boolean> => {
	if (!measureInt8) return false;
	const side = sides[1];
	return (await measureInt8(true, side)) < clearly * (await measureInt8(false, side));
};

/**
 * Times every kernel at every side while the budget lasts; sides it does not reach keep the standard kernels. Half
 * tiles are timed where it sufficed.
 */
export const calibrate = async (stopwatch: Stopwatch): Promise<ProductChoice> => {
	const started = stopwatch.now();
	const steps: ProductChoice['bySize'][number][] = [];
	const add = (from: number, kernel: ProductKernel) => {
		if (steps.at(-1)?.kernel !== kernel) steps.push({ from, kernel });
	};
	// Between two sides the change is at the geometric mean of their tiles.
	let from = 0;
	for (const side of sides) {
		add(from, await fastest(stopwatch, side));
		from = 2 * tilesOf(side, side);
		// Twice the side is eight times the work.
		if (side !== sides.at(-1) && 9 * (stopwatch.now() - started) > budget) {
			for (const step of standardChoice.tiled.bySize.filter((standard) => standard.from >= from))
				add(step.from, step.kernel);
			return { bySize: steps, halfTiles: standardChoice.tiled.halfTiles };
		}
	}
	return { bySize: steps, halfTiles: await halfTilesGain(stopwatch) };
};

const ChoiceSchema = v.object({
	bySize: v.pipe(
		v.array(v.object({ from: v.number(), kernel: v.picklist(productKernels) })),
		v.check((steps) => steps[0]?.from === 0),
	),
	halfTiles: v.boolean(),
});

/** The choice kept under this key; else, or where what is kept makes no sense, a new one, which is kept. */
export const cachedChoice = async (
	key: string,
	cache: ChoiceCache | undefined,
	choose: () => Promise<ProductChoice>,
): Promise<ProductChoice> => {
	const kept = v.safeParse(ChoiceSchema, await cache?.get(key));
	if (kept.success) return kept.output;
	const choice = await choose();
	await cache?.set(key, choice);
	return choice;
};
