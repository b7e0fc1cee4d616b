/**
 * The operations a decoder needs, forward and backward, and nothing else. Two implementations exist:
 * `webgpu/` (own WGSL, encoded in order with tfjs work) and `wasm/` (own SIMD kernels on the tfjs wasm
 * heap); `reference/` is the slow, obvious one that every kernel test compares with.
 *
 * Not responsible for: which tensors train, what is kept or recomputed, names of parameters.
 *
 * Conventions
 * - Tensors are dense, row-major and own their memory until `release`. A shape is only a label: an
 *   operation reads `[rows, width]` from the last dimension and the rest.
 * - Every method that returns a tensor allocates it. Where `into` is given, the result is *added* to that
 *   tensor, which is returned, and nothing is allocated.
 * - Calls return before the work is done (webgpu); only `read`, `settle` wait.
 * - All sums are in a fixed order: the same calls on the same device give the same bits, whatever the
 *   number of threads.
 */

import type { WeightFormat } from '../contract/precision.ts';
import type { ActivationOps } from './activationOps.ts';
import type { EncoderOps } from './encoderOps.ts';
import type { FusedOps } from './fusedOps.ts';

export interface Tensor {
	readonly shape: readonly number[];
	/** `f32` and `i32` everywhere; in fewer bits only what `uploadWeight` made. */
	readonly dtype: WeightFormat | 'i32';
	/** Number of elements. */
	readonly size: number;
}

/** What runs: shown to the user, written into every result. */
export interface DeviceInfo {
	readonly backend: 'webgpu' | 'wasm' | 'reference';
	/** Human-readable adapter or CPU description, e.g. `nvidia ampere`, `google swiftshader`, `simd, 2 threads`. */
	readonly adapter: string;
	/** True where a WebGPU adapter is emulated on the CPU. */
	readonly software: boolean;
	/** Kernels that gave wrong values on this adapter, and what; their plain variants run instead. Absent: none. */
	readonly replaced?: readonly string[];
}

/** Bytes handed out to tensors (`bytes`) and really held from the device, pools included (`allocated`). */
export interface MemoryUse {
	readonly tensors: number;
	readonly bytes: number;
	/** Largest `bytes` since the last `resetPeak`. */
	readonly peakBytes: number;
	readonly allocated: number;
}

/** Shapes of one attention call. `keys` is the row count of k and v per sequence (cache capacity when decoding). */
export interface AttentionShape {
	readonly batch: number;
	readonly queries: number;
	readonly keys: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headDim: number;
	/** Sliding window: query at p sees keys j with p - window < j <= p. `null`: all j <= p. */
	readonly window: number | null;
}

export interface AdamWStep {
	readonly learningRate: number;
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
	readonly weightDecay: number;
	/** Whether weights decay before the step, as in torch, or after it, as in bitsandbytes. */
	readonly decay: 'before' | 'after';
	/** 1-based number of this update, for the bias correction. */
	readonly step: number;
	/** Largest allowed global norm, applied as torch's clip_grad_norm_: factor min(1, max / (norm + 1e-6)); null: no clipping. */
	readonly clipNorm: number | null;
	/**
	 * Rounds what the update gives to bfloat16, also where the parameter is kept in float32: to the nearest where the
	 * seed is null, else element i up or down by `randomBits(seed, i)` (random.ts), right on average. Absent: no rounding,
	 * which a parameter in bf16 does not allow.
	 */
	readonly rounding?: { readonly seed: number | null };
}

/** Scales of `axpby`, and a factor on x that follows from a norm on the device; of both kinds none or one. */
export interface Axpby {
	readonly alpha: number;
	readonly beta: number;
	/** As in `AdamWStep`. */
	readonly clipNorm?: number | null;
	/** As torch's normalize: x / max(norm, normalise). */
	readonly normalise?: number;
	/** As in `AdamWStep`, of the target. */
	readonly rounding?: AdamWStep['rounding'];
}

export interface Ops extends EncoderOps, ActivationOps {
	readonly info: DeviceInfo;

	// Memory ---------------------------------------------------------------------------------------
	/** Uninitialised f32 memory. Throws an error named `OutOfMemory` where the device has none left. */
	empty(shape: readonly number[]): Tensor;
	zeros(shape: readonly number[]): Tensor;
	upload(values: Float32Array | Int32Array, shape: readonly number[]): Tensor;
	/**
	 * A matrix [rows, width] in a weight format (kernels/weightFormats/formats.ts); `linear`, `linearBackwardInput`,
	 * `gatherRows`, `read`, `write` (whole) and `copy` take it, the updates where it is bf16. Throws `BadInput` naming the
	 * element where the format cannot hold a value, and where the backend keeps f32 only (wasm).
	 */
	uploadWeight(values: Float32Array, shape: readonly number[], format: WeightFormat): Tensor;
	/** Overwrites elements from `offset` on. Ordered with every call before and after. */
	write(tensor: Tensor, values: Float32Array | Int32Array, offset?: number): void;
	/** A copy of `count` elements from `offset` on (default: all), after all work encoded so far. */
	read(tensor: Tensor, offset?: number, count?: number): Promise<Float32Array>;
	readIntegers(tensor: Tensor): Promise<Int32Array>;
	copy(tensor: Tensor): Tensor;
	fill(tensor: Tensor, value: number): void;
	/** Gives memory back; each tensor exactly once. Using a released tensor throws. */
	release(...tensors: readonly Tensor[]): void;
	memory(): MemoryUse;
	resetPeak(): void;
	/** Resolves when all encoded work is done; rejects with `DeviceLost` or the first device error. */
	settle(): Promise<void>;
	/** Releases everything. The object is unusable afterwards. */
	dispose(): void;

	// Linear layers; weight is [out, in] as in Hugging Face files --------------------------------------
	/** x [rows, in] · weightᵀ (+ bias [out]) (+ residual [rows, out]) -> [rows, out]. */
	linear(
		x: Tensor,
		weight: Tensor,
		extra?: { bias?: Tensor | null; residual?: Tensor | null },
	): Tensor;
	/** dy [rows, out] · weight -> dx [rows, in]. */
	linearBackwardInput(dy: Tensor, weight: Tensor, into?: Tensor): Tensor;
	/** dyᵀ [out, rows] · x [rows, in] -> dWeight [out, in]. */
	linearBackwardWeight(dy: Tensor, x: Tensor, into?: Tensor): Tensor;
	/** Sum of dy [rows, out] over rows -> dBias [out]. */
	sumRows(dy: Tensor, into?: Tensor): Tensor;

	// Rows -------------------------------------------------------------------------------------------
	/** table [count, width], indices i32 [rows] -> [rows, width]. Every index must be in range: checked by the caller. */
	gatherRows(table: Tensor, indices: Tensor): Tensor;
	/** target[indices[r], :] += dy[r, :], in the order of r. Negative indices are skipped. */
	scatterAddRows(target: Tensor, indices: Tensor, dy: Tensor): void;
	/** target[indices[r], :] = rows[r, :]; negative indices are skipped (used to fill key/value caches). */
	writeRows(target: Tensor, indices: Tensor, rows: Tensor): void;
	/** Index of the largest value of each row, the first where several are equal -> i32 [rows]. */
	argmaxRows(x: Tensor): Tensor;
	/**
	 * Inverted dropout: x[i] / (1 - rate) where `randomBits(seed, i)` (random.ts) is at least rate · 2^32, else 0. The
	 * mask depends on seed (0 to 2^32 - 1) and i alone, so the same call is the gradient's way back.
	 */
	dropout(x: Tensor, rate: number, seed: number, into?: Tensor): Tensor;
	/** target += x. */
	add(target: Tensor, x: Tensor): void;
	/** x *= factor. */
	scaleInPlace(x: Tensor, factor: number): void;
	/**
	 * BLAS's axpby: target = alpha x + beta target, in place; two tensors. The target may be a parameter in bf16. Nothing
	 * changes where `norm` [1] is not a finite number.
	 */
	axpby(target: Tensor, x: Tensor, norm: Tensor, scales: Axpby): void;

	// Layers -----------------------------------------------------------------------------------------
	/** y = x / sqrt(mean(x²) + epsilon) * weight over the last `weight.size` elements. `inverseRms` is [rows]. */
	rmsNorm(x: Tensor, weight: Tensor, epsilon: number): { y: Tensor; inverseRms: Tensor };
	/** dx of rmsNorm; adds to `into` where given. */
	rmsNormBackward(dy: Tensor, x: Tensor, weight: Tensor, inverseRms: Tensor, into?: Tensor): Tensor;
	/** dWeight [width] = sum over rows of dy * x * inverseRms. */
	rmsNormBackwardWeight(dy: Tensor, x: Tensor, inverseRms: Tensor, into?: Tensor): Tensor;
	/**
	 * Rotates pairs (i, i + headDim/2) of every head of x [rows, heads * headDim] in place by
	 * direction * position * inverseFrequency[i] (rotate-half layout of Hugging Face). positions: i32 [rows].
	 */
	rotate(x: Tensor, positions: Tensor, inverseFrequency: Tensor, direction: 1 | -1): void;
	/**
	 * Causal grouped-query attention, scale headDim^-0.5. q [batch * queries, heads * headDim],
	 * k, v [batch * keys, keyValueHeads * headDim], positions i32 [batch * queries] = key index each query sits at.
	 *
	 * `segments` (where queries = keys): i32 [batch * queries, 2], first and past-the-last index in its sequence of the
	 * segment each row belongs to. A query sees no key outside its segment, and its position counts from there.
	 * -> out like q, logSumExp [batch * queries, heads]. Memory linear in `queries` and `keys`.
	 */
	attention(
		q: Tensor,
		k: Tensor,
		v: Tensor,
		positions: Tensor,
		shape: AttentionShape,
		segments?: Tensor,
	): { out: Tensor; logSumExp: Tensor };
	/** Gradients of attention where queries = keys and positions = 0, 1, 2, ... in every sequence, or segment of one. */
	attentionBackward(
		dOut: Tensor,
		forward: { q: Tensor; k: Tensor; v: Tensor; out: Tensor; logSumExp: Tensor },
		shape: AttentionShape,
		segments?: Tensor,
	): { dq: Tensor; dk: Tensor; dv: Tensor };

	// Loss and update -----------------------------------------------------------------------------------
	/**
	 * Negative log-likelihood of labels i32 [rows] under softmax(logits [rows, vocab]) -> losses [rows] (0 where the
	 * label is negative). Where `gradientScale` is a number, logits are overwritten by
	 * gradientScale * (softmax - onehot), rows without a label by 0; where it is null they stay as they are.
	 */
	crossEntropy(logits: Tensor, labels: Tensor, gradientScale: number | null): Tensor;
	/** Square root of the sum of squares of all elements of all tensors -> [1]. */
	globalNorm(tensors: readonly Tensor[]): Tensor;
	/**
	 * AdamW on parameter, m, v in place: decay (p *= 1 - lr * wd) before or after the bias-corrected step.
	 * `norm` [1] is the gradients' global norm for clipping; nothing changes where it is not a finite number.
	 */
	adamW(
		parameter: Tensor,
		gradient: Tensor,
		m: Tensor,
		v: Tensor,
		norm: Tensor,
		step: AdamWStep,
	): void;
	/**
	 * AdamW as bitsandbytes' with 8-bit states, on parameter and states in place; it decays after the step. `states` i32
	 * of `packedShape` (kernels/adamW8bit/layout.ts), zeros before the first update; `maps` f32 [512] (dynamicMaps.ts).
	 * `norm` as in `adamW`.
	 */
	adamW8bit(
		parameter: Tensor,
		gradient: Tensor,
		states: Tensor,
		maps: Tensor,
		norm: Tensor,
		step: Omit<AdamWStep, 'decay'>,
	): void;
	/** Gradient and update of a weight in one; absent where a backend makes them one after the other (wasm). */
	readonly fused?: FusedOps;
}
