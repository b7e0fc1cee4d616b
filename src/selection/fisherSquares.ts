/**
 * Sum of squares of a sample's gradient, layer by layer, without keeping any gradient. Of a linear layer's weight, for
 * inputs x_t [in] and output gradients d_t [out] of T tokens,
 * ‖Σ_t d_t x_tᵀ‖² = Σ_t,u (x_t · x_u)(d_t · d_u): the sum over the product of two [T, T] Gram matrices.
 */
import type { Gradients } from '../engine/gradients.ts';
import type { Parameter } from '../engine/model/weights.ts';
import type { Ops, Tensor } from '../engine/ops.ts';

/**
 * Whether Gram matrices take fewer operations, 2 T² (in + out + 1), than the gradient and its norm, 2 (T + 1) in out.
 * They do up to about in out / (in + out) tokens (2,048 for 4,096 x 4,096); together they then have at most half the
 * gradient's elements.
 */
export const gramIsCheaper = (tokens: number, input: number, output: number): boolean =>
	tokens ** 2 * (input + output + 1) < (tokens + 1) * input * output;

/** What there is of a layer's sum: column sums [T] of its products of Gram matrices, norms [1] of its other gradients. */
interface Parts {
	columns: Tensor | null;
	readonly norms: Tensor[];
}

/**
 * For samples of one sequence each. `names`: the parameters of each layer.
 * At most one tensor's gradient or Gram matrices are there at a time, and T numbers for each layer.
 */
export function createLayerSquares(ops: Ops, names: readonly (readonly string[])[]) {
	const layers = names.map((): Parts => ({ columns: null, norms: [] }));
	const partsOf = new Map(
		names.flatMap((own, layer) => own.map((name) => [name, layers[layer]!] as const)),
	);
	const slots = [...names, ...names].map((_, row) => ops.upload(Int32Array.of(row), [1]));
	let ones: Tensor | null = null;
	const wants = (parameter: Parameter | null): parameter is Parameter =>
		parameter !== null && partsOf.has(parameter.name);
	const addNorm = ({ norms }: Parts, gradient: Tensor) => {
		norms.push(ops.globalNorm([gradient]));
		ops.release(gradient);
	};
	const clear = () => {
		for (const parts of layers) {
			ops.release(...parts.norms.splice(0), ...(parts.columns ? [parts.columns] : []));
			parts.columns = null;
		}
		if (ones) ops.release(ones);
		ones = null;
	};
	return {
		wants,
		add(parameter, compute) {
			if (wants(parameter)) addNorm(partsOf.get(parameter.name)!, compute(undefined));
		},
		addProduct(parameter, dy, x) {
			if (!wants(parameter)) return;
			const parts = partsOf.get(parameter.name)!;
			const [input = 1, output = 1] = [x.shape.at(-1), dy.shape.at(-1)];
			const tokens = x.size / input;
			if (gramIsCheaper(tokens, input, output)) {
				ones ??= ops.upload(new Float32Array(tokens).fill(1), [1, tokens]);
				parts.columns = addGramColumns(ops, dy, x, ones, parts.columns);
			} else addNorm(parts, ops.linearBackwardWeight(dy, x));
		},
		tensors: new Map<string, Tensor>(),
		clear,
		/** Sum of squares of each layer's gradient, once all of a sample's are there; ready for the next sample. */
		async take(): Promise<number[]> {
			const all = gather(ops, layers, slots, ones);
			clear();
			const values = await ops.read(all);
			ops.release(all);
			return names.map((_, layer) => values[layer]! ** 2 + values[names.length + layer]!);
		},
		release() {
			clear();
			ops.release(...slots);
		},
	} satisfies Gradients & { take(): Promise<number[]>; release(): void };
}

/** Sum [T] of each column of the product, element by element, of dy dyᵀ and x xᵀ; added to `into` where there is one. */
function addGramColumns(
	ops: Ops,
	dy: Tensor,
	x: Tensor,
	ones: Tensor,
	into: Tensor | null,
): Tensor {
	const [ofInputs, ofGradients] = [ops.linear(x, x), ops.linear(dy, dy)];
	// The gradient of RMSNorm's weight where every row's factor is 1.
	const columns = ops.rmsNormBackwardWeight(ofInputs, ofGradients, ones, into ?? undefined);
	ops.release(ofInputs, ofGradients);
	return columns;
}

/** [2 · layers, 1]: the norm of each layer's other gradients, then the sum of its columns; 0 where it has none. */
function gather(
	ops: Ops,
	layers: readonly Parts[],
	slots: readonly Tensor[],
	ones: Tensor | null,
): Tensor {
	const all = ops.zeros([slots.length, 1]);
	const put = (row: number, value: Tensor) => {
		ops.writeRows(all, slots[row]!, value);
		ops.release(value);
	};
	for (const [layer, { norms, columns }] of layers.entries()) {
		if (norms.length > 0) put(layer, ops.globalNorm(norms));
		if (columns && ones) put(layers.length + layer, ops.linear(columns, ones));
	}
	return all;
}
