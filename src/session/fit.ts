/** Whether a run fits the device's memory, and which like it would: worked out before anything is allocated. */
import { namedError } from '../contract/errors.ts';
import { defaultOptimizer, optimizers } from '../contract/optimizers.mjs';
import { precisionOf, weightFormats } from '../contract/precision.ts';
import { adapterTargets, clipNormOf, type RunSpec, type Selection } from '../contract/spec.ts';
import type { MemoryFit, SmallerRun } from '../contract/training.ts';
import type { PlanDevice } from './device.ts';
import { gigabytes } from './room.ts';
import { type PlanModel, planSpec } from './plan.ts';

/** One way to need less, from the mildest to the strongest; `what` says it in words. */
type Change = { readonly what: string; readonly change: Partial<RunSpec> };

/** Ways that leave the numbers as they are come first, those that change what is learned last. */
function waysToSave(
	{ backend }: PlanDevice,
	{ config }: PlanModel,
): ((spec: RunSpec) => Change[])[] {
	return [
		recomputed,
		smallerBatches,
		lighterOptimizer,
		...(backend === 'wasm' ? [] : [fewerBits]),
		unclipped,
		(spec) => fewerLayers(spec, config.layers),
		shorter,
		(spec) => adapters(spec, config.hiddenSize),
	];
}

const recomputed = ({ recompute }: RunSpec): Change[] =>
	recompute === 'never'
		? [{ what: 'activations recomputed in backward', change: { recompute: 'always' } }]
		: [];

/**
 * As many sequences of an update in more, smaller micro-batches. The gradient stays the same, unless `bucketed` batches are
 * put together anew, or dropout, whose masks are drawn for each micro-batch, drops others: that is told.
 */
function smallerBatches(spec: RunSpec): Change[] {
	const { size, accumulation } = spec.batch;
	const differs = whatBatchesChange(spec);
	const sizes = Array.from({ length: size - 1 }, (_, i) => size - 1 - i);
	return sizes
		.filter((smaller) => size % smaller === 0)
		.map((smaller) => {
			const batch = { size: smaller, accumulation: (accumulation * size) / smaller };
			return {
				what: `a batch of ${batch.accumulation} x ${smaller} in place of ${accumulation} x ${size}${differs}`,
				change: { batch },
			};
		});
}

/** What else than memory differs with the size of micro-batches, in words; empty where nothing does. */
function whatBatchesChange({ data, tune }: RunSpec): string {
	const differs = [
		...(data.packing === 'bucketed' ? ['other rows in each update'] : []),
		...((tune?.dropout ?? 0) > 0 ? ['other dropout'] : []),
	];
	return differs.length > 0 ? `, with ${differs.join(' and ')}` : '';
}

function lighterOptimizer({ optimizer }: RunSpec): Change[] {
	const { lighter: kind } = optimizers[optimizer.kind ?? defaultOptimizer];
	if (kind === undefined) return [];
	return [{ what: optimizers[kind].label, change: { optimizer: { ...optimizer, kind } } }];
}

function fewerBits(spec: RunSpec): Change[] {
	const precision = precisionOf(spec);
	return weightFormats.slice(weightFormats.indexOf(precision.frozen) + 1).map((frozen) => ({
		what: `frozen weights in ${frozen}`,
		change: { precision: { ...precision, frozen } },
	}));
}

const unclipped = ({ optimizer, batch }: RunSpec): Change[] =>
	clipNormOf(optimizer) === null || batch.accumulation > 1
		? []
		: [
				{
					what: 'no clipping, so that no two gradients are there at a time',
					change: { optimizer: { ...optimizer, clipNorm: null } },
				},
			];

function fewerLayers({ selection, stages }: RunSpec, layers: number): Change[] {
	if (stages !== undefined || selection.method === 'layers') return [];
	const now = 'k' in selection ? selection.k : layers;
	// CogSym's two regions stay equal.
	const step = selection.method === 'front' || selection.method === 'rear' ? 1 : 2;
	const from = selection.method === 'full' ? now - (now % 2) - 2 : now - step;
	const changes: Change[] = [];
	for (let k = from; k >= step; k -= step) {
		const fewer: Selection =
			selection.method === 'full' ? { method: 'cogsym', k } : { ...selection, k };
		changes.push({ what: `${k} layers in place of ${now}`, change: { selection: fewer } });
	}
	return changes;
}

function adapters({ tune }: RunSpec, hiddenSize: number): Change[] {
	if (tune !== undefined) return [];
	const rank = Math.min(16, hiddenSize);
	const targets = [...adapterTargets];
	const lora = { kind: 'lora', rank, alpha: rank, dropout: 0, targets } as const;
	return [{ what: `adapters (LoRA) of rank ${rank}`, change: { tune: lora } }];
}

function shorter({ data }: RunSpec): Change[] {
	const changes: Change[] = [];
	for (let length = data.sequenceLength >> 1; length >= 128; length >>= 1)
		changes.push({
			what: `sequences of ${length} tokens`,
			change: { data: { ...data, sequenceLength: length } },
		});
	return changes;
}

/** A run's memory against the device's; throws `BadInput` as `planSpec` does. */
export function fitOf(device: PlanDevice, model: PlanModel, spec: RunSpec): MemoryFit {
	const limit = device.memory;
	const bytes = planSpec(device, model, spec).forecast.bytes.total;
	if (limit === null || bytes <= limit) return { limit, refusal: null, nearest: [] };
	const nearest = nearestFits(device, model, { what: '', spec, bytes }, limit);
	return { limit, refusal: refusal(bytes, limit, nearest), nearest };
}

function refusal(bytes: number, limit: number, nearest: readonly SmallerRun[]): string {
	const options = nearest.slice(0, 3).map((run) => `${run.what} (${gigabytes(run.bytes)})`);
	return (
		`This run needs ${gigabytes(bytes)} and the device may hold ${gigabytes(limit)}; nothing was allocated. ` +
		(options.length > 0
			? `It fits with ${options.join(', or ')}`
			: 'No run like it fits: choose a smaller model or a device with more memory')
	);
}

/** Runs that differ in one thing and fit, the mildest of each kind; else the first that fits with several together. */
function nearestFits(
	device: PlanDevice,
	model: PlanModel,
	asked: SmallerRun,
	limit: number,
): SmallerRun[] {
	const changed = (run: SmallerRun, { what, change }: Change): SmallerRun[] => {
		const spec = { ...run.spec, ...change };
		const words = run.what === '' ? what : `${run.what}, ${what}`;
		try {
			return [{ what: words, spec, bytes: planSpec(device, model, spec).forecast.bytes.total }];
		} catch (error) {
			// What the model has no room for, such as a rank above a side of a matrix, is no way out.
			if (error instanceof Error && error.name === 'BadInput') return [];
			throw error;
		}
	};
	const ways = waysToSave(device, model);
	const levels = (run: SmallerRun, way: (spec: RunSpec) => Change[]) =>
		way(run.spec).flatMap((change) => changed(run, change));
	const fits = ({ bytes }: SmallerRun) => bytes <= limit;
	const single = ways.flatMap((way) => levels(asked, way).find(fits) ?? []);
	if (single.length > 0) return single;
	let together = asked;
	for (const way of ways) {
		const smaller = levels(together, way);
		const first = smaller.find(fits);
		if (first !== undefined) return [first];
		together = [together, ...smaller].reduce((a, b) => (b.bytes < a.bytes ? b : a));
	}
	return [];
}

/** Throws `BadInput` naming the nearest runs that fit where this one does not. */
export function requireFit(device: PlanDevice, model: PlanModel, spec: RunSpec): void {
	const fit = fitOf(device, model, spec);
	if (fit.refusal !== null) throw namedError('BadInput', fit.refusal);
}
