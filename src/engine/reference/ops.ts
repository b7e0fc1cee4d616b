/** The slow, obvious backend: plain arrays and the reference kernels. For tests and for what benches compare with. */
import { namedError } from '../../contract/errors.ts';
import type { WeightFormat } from '../../contract/precision.ts';
import { adamW } from '../kernels/adamW/adamW.reference.ts';
import { adamW8bit } from '../kernels/adamW8bit/adamW8bit.reference.ts';
import { axpby } from '../kernels/axpby/axpby.reference.ts';
import { attention, attentionBackward } from '../kernels/attention/attention.reference.ts';
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.reference.ts';
import { dropout } from '../kernels/dropout/dropout.reference.ts';
import { globalNorm } from '../kernels/globalNorm/globalNorm.reference.ts';
import * as linearReference from '../kernels/linear/linear.reference.ts';
import * as rms from '../kernels/rmsNorm/rmsNorm.reference.ts';
import { rotate } from '../kernels/rotate/rotate.reference.ts';
import { checkValues, decodeWeights, encodeWeights } from '../kernels/weightFormats/formats.ts';
import type { Ops, Tensor } from '../ops.ts';
import { activationOps } from './activationOps.ts';
import { encoderOps } from './encoderOps.ts';

interface ReferenceTensor extends Tensor {
	data: Float32Array | Int32Array | Uint32Array | null;
}

type PackedFormat = Exclude<WeightFormat, 'f32'>;

type Heap = ReturnType<typeof createHeap>;

/** Plain arrays behind the tensor interface, counted. */
function createHeap() {
	const use = { tensors: 0, bytes: 0, peakBytes: 0 };

	const hold = (
		data: Float32Array | Int32Array | Uint32Array,
		shape: readonly number[],
		dtype: Tensor['dtype'],
	): Tensor => {
		use.tensors++;
		use.bytes += data.byteLength;
		use.peakBytes = Math.max(use.peakBytes, use.bytes);
		const tensor: ReferenceTensor = {
			shape,
			dtype,
			size: shape.reduce((a, b) => a * b, 1),
			data,
		};
		return tensor;
	};
	const wrap = (data: Float32Array | Int32Array, shape: readonly number[]): Tensor =>
		hold(data, shape, data instanceof Float32Array ? 'f32' : 'i32');
	/** The memory itself; a copy of what it stands for where it is a weight in fewer bits. */
	const values = (tensor: Tensor): Float32Array => {
		const { data, dtype, size } = tensor as ReferenceTensor;
		if (data === null) throw namedError('NotFound', 'A released tensor was used');
		if (dtype === 'f32' || dtype === 'i32') return data as Float32Array;
		return decodeWeights(data as Uint32Array, dtype, size);
	};
	const encode = (data: Float32Array, shape: readonly number[], format: PackedFormat) => {
		checkValues(data, shape.at(-1) ?? 1, format);
		return encodeWeights(data, format);
	};
	/** Puts all values anew. */
	const replace = (tensor: Tensor, data: Float32Array): void => {
		const { dtype } = tensor;
		if (dtype === 'f32' || dtype === 'i32') values(tensor).set(data);
		else (tensor as ReferenceTensor).data = encode(data, tensor.shape, dtype);
	};
	const integers = (tensor: Tensor) => values(tensor) as unknown as Int32Array;
	const width = (tensor: Tensor) => tensor.shape.at(-1) ?? 1;
	const rowsOf = (tensor: Tensor) => tensor.size / width(tensor);
	/** Adds to `into` where given, else a new tensor. */
	const give = (result: Float32Array, shape: readonly number[], into?: Tensor): Tensor => {
		if (into === undefined) return wrap(result, shape);
		values(into).forEach((old, i, all) => (all[i] = old + (result[i] ?? 0)));
		return into;
	};
	const sizes = (x: Tensor, weight: Tensor) =>
		[x.size / width(weight), width(weight), weight.shape[0] ?? 0] as const;

	return { hold, encode, replace, wrap, values, integers, width, rowsOf, give, sizes, use };
}

/** Making, reading, releasing. */
function memory({ hold, encode, replace, wrap, values, integers, use }: Heap) {
	return {
		info: { backend: 'reference', adapter: 'plain arrays', software: true },
		empty: (shape) => wrap(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(NaN), shape),
		zeros: (shape) => wrap(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
		upload: (data, shape) => wrap(data.slice(), shape),
		uploadWeight: (data, shape, format) =>
			format === 'f32'
				? wrap(data.slice(), shape)
				: hold(encode(data, shape, format), shape, format),
		write: (tensor, data, offset = 0) => {
			if (tensor.dtype === 'f32' || tensor.dtype === 'i32') values(tensor).set(data, offset);
			else replace(tensor, data as Float32Array);
		},
		read: (tensor, offset = 0, count = tensor.size - offset) =>
			Promise.resolve(values(tensor).slice(offset, offset + count)),
		readIntegers: (tensor) => Promise.resolve(integers(tensor).slice()),
		copy: (tensor) => hold((tensor as ReferenceTensor).data!.slice(), tensor.shape, tensor.dtype),
		fill: (tensor, value) => values(tensor).fill(value),
		release: (...tensors) => {
			for (const tensor of tensors) {
				use.tensors--;
				use.bytes -= (tensor as ReferenceTensor).data?.byteLength ?? 0;
				(tensor as ReferenceTensor).data = null;
			}
		},
		memory: () => ({ ...use, allocated: use.bytes }),
		resetPeak: () => (use.peakBytes = use.bytes),
		settle: () => Promise.resolve(),
		dispose: () => undefined,
	} satisfies Partial<Ops>;
}

/** Linear layers. */
function products({ wrap, values, width, rowsOf, give, sizes }: Heap) {
	return {
		linear: (x, weight, extra = {}) => {
			const [rows, , outputs] = sizes(x, weight);
			const bias = extra.bias ? values(extra.bias) : null;
			const residual = extra.residual ? values(extra.residual) : null;
			const y = linearReference.linear(values(x), values(weight), sizes(x, weight), bias, residual);
			return wrap(y, [rows, outputs]);
		},
		linearBackwardInput: (dy, weight, into) => {
			const [outputs, inputs] = [weight.shape[0] ?? 0, width(weight)];
			const rows = dy.size / outputs;
			const dx = linearReference.linearBackwardInput(values(dy), values(weight), [
				rows,
				inputs,
				outputs,
			]);
			return give(dx, [rows, inputs], into);
		},
		linearBackwardWeight: (dy, x, into) => {
			const [rows, inputs, outputs] = [rowsOf(x), width(x), width(dy)];
			const dWeight = linearReference.linearBackwardWeight(values(dy), values(x), [
				rows,
				inputs,
				outputs,
			]);
			return give(dWeight, [outputs, inputs], into);
		},
		sumRows: (dy, into) =>
			give(linearReference.sumRows(values(dy), rowsOf(dy), width(dy)), [width(dy)], into),
	} satisfies Partial<Ops>;
}

/** Rows and sums. */
function rowOps({ wrap, values, integers, width, rowsOf, give }: Heap) {
	return {
		gatherRows: (table, indices) => {
			const out = new Float32Array(indices.size * width(table));
			integers(indices).forEach((index, r) => {
				const from = index * width(table);
				out.set(values(table).subarray(from, from + width(table)), r * width(table));
			});
			return wrap(out, [indices.size, width(table)]);
		},
		scatterAddRows: (target, indices, dy) => {
			const sums = Float64Array.from(values(target));
			integers(indices).forEach((index, r) => {
				if (index < 0) return;
				for (let i = 0; i < width(target); i++)
					sums[index * width(target) + i]! += values(dy)[r * width(target) + i]!;
			});
			values(target).set(sums);
		},
		writeRows: (target, indices, rows) => {
			const w = rows.size / indices.size;
			integers(indices).forEach((index, r) => {
				if (index >= 0) values(target).set(values(rows).subarray(r * w, (r + 1) * w), index * w);
			});
		},
		argmaxRows: (x) => {
			const w = width(x);
			const indices = Int32Array.from({ length: rowsOf(x) }, (_, r) => {
				const row = values(x).subarray(r * w, (r + 1) * w);
				return row.indexOf(row.reduce((a, b) => Math.max(a, b), -Infinity));
			});
			return wrap(indices, [indices.length]);
		},
		add: (target, x) => give(values(x), x.shape, target),
		scaleInPlace: (x, factor) => {
			values(x).forEach((value, i, all) => (all[i] = value * factor));
		},
		dropout: (x, rate, seed, into) => give(dropout(values(x), rate, seed), x.shape, into),
	} satisfies Partial<Ops>;
}

/** Norms, rotation, attention, gate. */
function layers({ wrap, values, integers, give }: Heap) {
	return {
		rmsNorm: (x, weight, epsilon) => {
			const { y, inverseRms } = rms.rmsNorm(values(x), values(weight), epsilon);
			return { y: wrap(y, x.shape), inverseRms: wrap(inverseRms, [inverseRms.length]) };
		},
		rmsNormBackward: (dy, x, weight, inverseRms, into) =>
			give(
				rms.rmsNormBackward(values(dy), values(x), values(weight), values(inverseRms)),
				x.shape,
				into,
			),
		rmsNormBackwardWeight: (dy, x, inverseRms, into) => {
			const w = x.size / inverseRms.size;
			const dWeight = rms.rmsNormBackwardWeight(values(dy), values(x), values(inverseRms), w);
			return give(dWeight, [w], into);
		},
		rotate: (x, positions, inverseFrequency, direction) => {
			values(x).set(rotate(values(x), integers(positions), values(inverseFrequency), direction));
		},
		attention: (q, k, v, positions, shape, segments) => {
			const [of, where] = [segments ? integers(segments) : null, integers(positions)];
			const result = attention(values(q), values(k), values(v), where, shape, of);
			return {
				out: wrap(result.out, q.shape),
				logSumExp: wrap(result.logSumExp, [shape.batch * shape.queries, shape.heads]),
			};
		},
		attentionBackward: (dOut, { q, k, v, out, logSumExp }, shape, segments) => {
			const forward = {
				q: values(q),
				k: values(k),
				v: values(v),
				out: values(out),
				logSumExp: values(logSumExp),
			};
			const of = segments ? integers(segments) : null;
			const { dq, dk, dv } = attentionBackward(values(dOut), forward, shape, of);
			return { dq: wrap(dq, q.shape), dk: wrap(dk, k.shape), dv: wrap(dv, v.shape) };
		},
	} satisfies Partial<Ops>;
}

/** Loss, norm, update. */
function lossAndUpdate({ replace, wrap, values, integers }: Heap) {
	return {
		crossEntropy: (logits, labels, gradientScale) => {
			const result = crossEntropy(values(logits), integers(labels), gradientScale ?? 0);
			if (gradientScale !== null) values(logits).set(result.gradient);
			return wrap(result.losses, [labels.size]);
		},
		globalNorm: (tensors) => wrap(Float32Array.of(globalNorm(tensors.map(values))), [1]),
		adamW: (parameter, gradient, m, v, norm, step) => {
			const [p, g] = [values(parameter), values(gradient)];
			adamW(p, g, values(m), values(v), values(norm)[0] ?? NaN, step);
			replace(parameter, p);
		},
		axpby: (target, x, norm, scales) => {
			const sum = values(target);
			axpby(sum, values(x), values(norm)[0] ?? NaN, scales);
			replace(target, sum);
		},
		adamW8bit: (parameter, gradient, states, maps, norm, step) => {
			const [p, g, of] = [values(parameter), values(gradient), values(maps)];
			adamW8bit(p, g, integers(states), of, values(norm)[0] ?? NaN, step);
			replace(parameter, p);
		},
	} satisfies Partial<Ops>;
}

export function createReferenceOps(): Ops {
	const heap = createHeap();
	return {
		...memory(heap),
		...products(heap),
		...rowOps(heap),
		...layers(heap),
		...activationOps(heap),
		...encoderOps(heap),
		...lossAndUpdate(heap),
	};
}
