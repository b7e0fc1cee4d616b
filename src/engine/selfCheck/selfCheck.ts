/** Opens a backend whose kernels are right on its adapter: a wrong one is replaced by its plain variant, or named. */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';
import type { Ops } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { faultsOf, type KernelFault, type Remedy } from './check.ts';
import { layerCases } from './layerCases.ts';
import { productCases } from './productCases.ts';
import { updateCases } from './updateCases.ts';

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

/** Kernels of `ops` that give other values than their reference. */
export function selfCheck(ops: CheckedOps): Promise<KernelFault[]> {
	const sizes = ops.products.bySize.map(({ from }) => from);
	const cases = [...productCases(sizes, ['bf16', 'int8', 'nf4']), ...layerCases, ...updateCases];
	return faultsOf(ops, createReferenceOps(), cases);
}

/**
 * Opens with as few plain variants as are needed for every kernel to be right; `info.replaced` names those that were not.
 * The kernels are run at the first start on an adapter; later ones find the outcome in the cache.
 * @throws `DeviceError` naming a kernel that is wrong and has no other variant
 */
export async function openChecked<T extends CheckedOps>(
	open: (remedies: ReadonlySet<Remedy>) => Promise<T>,
	cache?: CheckCache,
): Promise<T> {
	let ops = await open(new Set());
	const key = `self-check | ${ops.key}`;
	const kept = v.safeParse(OutcomeSchema, await cache?.get(key));
	if (kept.success) {
		if (kept.output.remedies.length === 0) return ops;
		ops.dispose();
		return named(await open(new Set(kept.output.remedies)), kept.output.replaced);
	}
	const remedies = new Set<Remedy>();
	const replaced: string[] = [];
	for (;;) {
		const faults = await selfCheck(ops);
		if (faults.length === 0) break;
		const tried = new Set(remedies);
		for (const fault of faults) {
			remedies.add(nextRemedy(ops, fault, tried));
			replaced.push(`${fault.kernel} (gave ${fault.found})`);
		}
		ops.dispose();
		ops = await open(remedies);
	}
	await cache?.set(key, { remedies: [...remedies], replaced });
	return named(ops, replaced);
}

/** The first variant that was not tried. Gives the device back where there is none. */
function nextRemedy(ops: Ops, fault: KernelFault, tried: ReadonlySet<Remedy>): Remedy {
	const next = fault.remedies.find((remedy) => !tried.has(remedy));
	if (next !== undefined) return next;
	const { adapter } = ops.info;
	ops.dispose();
	throw namedError(
		'DeviceError',
		`On this adapter (${adapter}) the kernel "${fault.kernel}" gives ${fault.found}, and there is no other variant of ` +
			'it: what it trained would be wrong. The driver is at fault; choose WASM, or update the driver',
	);
}

const named = <T extends CheckedOps>(ops: T, replaced: readonly string[]): T =>
	replaced.length === 0 ? ops : { ...ops, info: { ...ops.info, replaced } };
