/** Opens a backend whose kernels are right on its adapter: a wrong one is replaced by its plain variant, or named. */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';
import type { Ops } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { faultsOf, type KernelFault, type Remedy } from './check.ts';
import { layerCases } from './layerCases.ts';
import { checkedOnUse, type Use, uses } from './onUse.ts';
import { productCases } from './productCases.ts';
import { updateCases } from './updateCases.ts';
import { useCases } from './useCases.ts';

/** Ops that tell what their kernels depend on. */
export interface CheckedOps extends Ops {
	/** Names adapter and kernels. */
	readonly key: string;
	/** From how many tiles of a product on which kernel is used. */
	readonly products: { readonly bySize: readonly { readonly from: number }[] };
}

/** Where the outcome is kept between visits; what comes back is checked. */
export interface CheckCache {
	get(key: string): Promise<unknown>;
	set(key: string, outcome: Outcome): Promise<void>;
}

const OutcomeSchema = v.object({
	remedies: v.array(v.picklist(['no subgroups', 'registers', 'apart'])),
	replaced: v.array(v.string()),
});
type Outcome = v.InferOutput<typeof OutcomeSchema>;

/** Kernels of `ops` that give other values than their reference: of those that any model needs, or of a use. */
export function selfCheck(ops: CheckedOps, use?: Use): Promise<KernelFault[]> {
	const sizes = ops.products.bySize.map(({ from }) => from);
	const usual = [...productCases(sizes), ...layerCases, ...updateCases];
	return faultsOf(ops, createReferenceOps(), use === undefined ? usual : useCases(use));
}

/**
 * Opens with as few plain variants as are needed for every kernel to be right; `info.replaced` names those that were not.
 * What any model needs is checked at the first start on an adapter, the rest when it is first used (onUse.ts): what is
 * wrong then is replaced at the next start, and nothing that it computed can be read. Later starts find the outcomes in
 * the cache.
 * @throws `DeviceError` naming a kernel that is wrong and has no other variant
 */
export async function openChecked<T extends CheckedOps>(
	open: (remedies: ReadonlySet<Remedy>) => Promise<T>,
	cache: CheckCache,
): Promise<T> {
	let ops = await open(new Set());
	const outcomes = keptOutcomes(cache, ops.key);
	const before = await Promise.all([outcomes.get(), ...uses.map((use) => outcomes.get(use))]);
	const remedies = new Set(before.flatMap((outcome) => outcome?.remedies ?? []));
	const replaced = before.flatMap((outcome) => outcome?.replaced ?? []);
	const reopen = async () => {
		ops.dispose();
		ops = await open(remedies);
	};
	if (remedies.size > 0) await reopen();
	let faults = before[0] ? [] : await selfCheck(ops);
	while (faults.length > 0) {
		const next = nextRemedies(ops, faults, remedies);
		if (next instanceof Error) {
			ops.dispose();
			throw next;
		}
		for (const remedy of next) remedies.add(remedy);
		replaced.push(...faults.map(named));
		await reopen();
		faults = await selfCheck(ops);
	}
	if (!before[0]) await outcomes.set({ remedies: [...remedies], replaced });
	const checked = checkedOnUse(ops, (use) => checkUse(ops, use, remedies, outcomes));
	return replaced.length === 0 ? checked : { ...checked, info: { ...ops.info, replaced } };
}

/** @throws `DeviceError` naming a kernel that is wrong, and whether the next start has another variant */
async function checkUse(
	ops: CheckedOps,
	use: Use,
	tried: ReadonlySet<Remedy>,
	outcomes: ReturnType<typeof keptOutcomes>,
): Promise<void> {
	const before = await outcomes.get(use);
	// The plain variant that took a wrong one's place has to show that it is right.
	if (before?.remedies.length === 0) return;
	const faults = await selfCheck(ops, use);
	const [first] = faults;
	if (first === undefined) {
		if (!before) await outcomes.set({ remedies: [], replaced: [] }, use);
		return;
	}
	const next = nextRemedies(ops, faults, tried);
	if (next instanceof Error) throw next;
	await outcomes.set({ remedies: next, replaced: faults.map(named) }, use);
	throw namedError(
		'DeviceError',
		`${described(ops, first)}: nothing that it computed is kept. Start again (reload the page, or repeat the command); ` +
			'a plain variant then takes its place',
	);
}

/** The first variant of each that was not tried; the error to throw where one has none left. */
function nextRemedies(
	ops: Ops,
	faults: readonly KernelFault[],
	tried: ReadonlySet<Remedy>,
): Remedy[] | Error {
	const next: Remedy[] = [];
	for (const fault of faults) {
		const remedy = fault.remedies.find((one) => !tried.has(one));
		if (remedy === undefined)
			return namedError(
				'DeviceError',
				`${described(ops, fault)}, and there is no other variant of it: what it trained would be wrong. ` +
					'The driver is at fault; choose WASM, or update the driver',
			);
		next.push(remedy);
	}
	return next;
}

const described = ({ info }: Ops, { kernel, found }: KernelFault): string =>
	`On this adapter (${info.adapter}) the kernel "${kernel}" gives ${found}`;

const named = ({ kernel, found }: KernelFault): string => `${kernel} (gave ${found})`;

/** Outcomes for an adapter: of what any model needs, or of a use. */
function keptOutcomes(cache: CheckCache, adapter: string) {
	const keyOf = (use?: Use) => `self-check | ${adapter}${use === undefined ? '' : ` | ${use}`}`;
	return {
		async get(use?: Use): Promise<Outcome | null> {
			const kept = v.safeParse(OutcomeSchema, await cache.get(keyOf(use)));
			return kept.success ? kept.output : null;
		},
		set: (outcome: Outcome, use?: Use) => cache.set(keyOf(use), outcome),
	};
}
