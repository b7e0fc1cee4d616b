/**
 * The step in plain tfjs operations with `tf.variableGrads` and AdamW in tf operations: what a competent user of
 * tfjs 4.22.0 writes. Of the formulations that were tried, the faster on each backend is kept.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths, getThreadsCount, type BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { StepConfig, Weights } from '../step.ts';
import type { Peer, PeerBackend, PeakBytes } from './peer.ts';

/** Rotation tables [1, length, 1, headDim] and the additive causal mask [1, length, length]. */
interface Constants {
	readonly cos: tf.Tensor4D;
	readonly sin: tf.Tensor4D;
	readonly mask: tf.Tensor3D;
}

/**
 * The wasm backend lacks the kernel behind the gradient of `tf.gather` (tensorflow/tfjs#8082); without it the
 * step cannot run at all.
 */
function registerSegmentSum(): void {
	tf.registerKernel({
		kernelName: 'UnsortedSegmentSum',
		backendName: 'wasm',
		kernelFunc: ({ inputs, backend, attrs }) => {
			const { x, segmentIds } = inputs as Record<'x' | 'segmentIds', tf.TensorInfo>;
			const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
			const wasm = backend as unknown as Pick<BackendWasm, 'makeOutput' | 'typedArrayFromHeap'>;
			const rowShape = x.shape.slice(1);
			const width = tf.util.sizeFromShape(rowShape);
			const out = wasm.makeOutput([numSegments, ...rowShape], x.dtype);
			const sums = wasm.typedArrayFromHeap(out).fill(0);
			const rows = wasm.typedArrayFromHeap(x);
			wasm.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
				for (let i = 0; i < width; i++) {
					sums[segment * width + i] =
						(sums[segment * width + i] ?? 0) + (rows[row * width + i] ?? 0);
				}
			});
			return out;
		},
	});
}

function makeConstants({ length, headDim, ropeTheta }: StepConfig): Constants {
	const half = headDim / 2;
	const angle = (i: number) => {
		const position = Math.floor(i / headDim);
		return position * ropeTheta ** ((-2 * (i % half)) / headDim);
	};
	const angles = Float64Array.from({ length: length * headDim }, (_, i) => angle(i));
	const mask = Float32Array.from({ length: length * length }, (_, i) =>
		i % length > Math.floor(i / length) ? -1e9 : 0,
	);
	return {
		cos: tf.tensor4d(Float32Array.from(angles, Math.cos), [1, length, 1, headDim]),
		sin: tf.tensor4d(Float32Array.from(angles, Math.sin), [1, length, 1, headDim]),
		mask: tf.tensor3d(mask, [1, length, length]),
	};
}

/** Linear weights are kept as tfjs keeps them, [in, out]: its fast wasm product is the untransposed one. */
function makeVariables(weights: Weights): Map<string, tf.Variable> {
	const variables = new Map<string, tf.Variable>();
	for (const [name, { shape, data }] of weights) {
		const linear = shape.length === 2 && name !== 'model.embed_tokens.weight';
		const variable = tf.tidy(() => {
			const stored = tf.tensor(data, [...shape]);
			return tf.variable(linear ? tf.transpose(stored) : stored, true);
		});
		variables.set(name, variable);
	}
	return variables;
}

function forward(
	config: StepConfig,
	constants: Constants,
	weight: (name: string) => tf.Tensor,
): (inputIds: tf.Tensor1D) => tf.Tensor2D {
	const { batch, length, headDim, heads, keyValueHeads, hiddenSize } = config;
	const half = headDim / 2;
	const norm = (x: tf.Tensor, name: string) => {
		const meanSquare = tf.mean(tf.square(x), -1, true);
		return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, config.normEpsilon))), weight(name));
	};
	const linear = (x: tf.Tensor, name: string) => tf.matMul(x, weight(name));
	const rotate = (x: tf.Tensor) => {
		const [first, second] = tf.split(x, [half, half], -1) as [tf.Tensor, tf.Tensor];
		const turned = tf.concat([tf.neg(second), first], -1);
		return tf.add(tf.mul(x, constants.cos), tf.mul(turned, constants.sin));
	};
	const split = (x: tf.Tensor, count: number) => tf.reshape(x, [batch, length, count, headDim]);
	// Query heads of one key/value head follow each other, so a group is one longer list of queries.
	const grouped = (x: tf.Tensor) =>
		tf.reshape<tf.Rank.R3>(tf.transpose(x, [0, 2, 1, 3]), [batch * keyValueHeads, -1, headDim]);
	const attention = (x: tf.Tensor, prefix: string) => {
		const q = grouped(rotate(split(linear(x, `${prefix}q_proj.weight`), heads)));
		const k = grouped(rotate(split(linear(x, `${prefix}k_proj.weight`), keyValueHeads)));
		const v = grouped(split(linear(x, `${prefix}v_proj.weight`), keyValueHeads));
		const products = tf.reshape(tf.matMul(q, k, false, true), [batch * heads, length, length]);
		const scores = tf.add(tf.mul(products, headDim ** -0.5), constants.mask);
		const shares = tf.reshape(tf.softmax(scores), [batch * keyValueHeads, -1, length]);
		const mixed = tf.reshape(tf.matMul(shares as tf.Tensor3D, v), [batch, heads, length, headDim]);
		const rows = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, hiddenSize]);
		return linear(rows, `${prefix}o_proj.weight`);
	};
	const mlp = (x: tf.Tensor, prefix: string) => {
		const gate = linear(x, `${prefix}gate_proj.weight`);
		const up = linear(x, `${prefix}up_proj.weight`);
		return linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), `${prefix}down_proj.weight`);
	};
	return (inputIds) => {
		let x: tf.Tensor = tf.gather(weight('model.embed_tokens.weight'), inputIds);
		for (let layer = 0; layer < config.layers; layer++) {
			const prefix = `model.layers.${layer}.`;
			x = tf.add(x, attention(norm(x, `${prefix}input_layernorm.weight`), `${prefix}self_attn.`));
			x = tf.add(x, mlp(norm(x, `${prefix}post_attention_layernorm.weight`), `${prefix}mlp.`));
		}
		return linear(norm(x, 'model.norm.weight'), 'lm_head.weight') as tf.Tensor2D;
	};
}

/** torch.optim.AdamW after clip_grad_norm_, in tf operations; moments live in variables. */
function adamW(config: StepConfig, variables: ReadonlyMap<string, tf.Variable>) {
	const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = config;
	const zeros = () =>
		new Map(
			[...variables].map(([name, { shape }]) => [
				name,
				tf.tidy(() => tf.variable(tf.zeros(shape), false)),
			]),
		);
	const first = zeros();
	const second = zeros();
	const update = (gradients: ReadonlyMap<string, tf.Tensor>, step: number) => {
		const squares = [...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)));
		const norm = tf.sqrt(tf.sum(tf.stack(squares)));
		const factor = tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6)));
		const rate = learningRate / (1 - beta1 ** step);
		const spread = Math.sqrt(1 - beta2 ** step);
		for (const [name, variable] of variables) {
			const m = first.get(name);
			const v = second.get(name);
			const raw = gradients.get(name);
			if (!m || !v || !raw) throw new Error(`no gradient for ${name}`);
			const gradient = tf.mul(raw, factor);
			m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
			v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
			const change = tf.div(tf.mul(m, rate), tf.add(tf.div(tf.sqrt(v), spread), epsilon));
			variable.assign(tf.sub(tf.mul(variable, 1 - learningRate * weightDecay), change));
		}
	};
	const dispose = () => {
		tf.dispose([...first.values(), ...second.values()]);
	};
	return { update, dispose };
}

/** Samples the bytes in use at every kernel. */
function watchMemory(): { start: () => void; peak: () => PeakBytes } {
	const backend = tf.backend() as unknown as Pick<WebGPUBackend, 'memory' | 'runWebGPUProgram'>;
	const used = () => backend.memory().numBytesInGPU;
	const run = backend.runWebGPUProgram.bind(backend);
	let peak = { total: 0, before: 0 };
	backend.runWebGPUProgram = (...args) => {
		const out = run(...args);
		peak.total = Math.max(peak.total, used());
		return out;
	};
	const start = () => {
		peak = { total: used(), before: used() };
	};
	return { start, peak: () => peak };
}

async function startBackend(backend: PeerBackend): Promise<void> {
	setWasmPaths({
		'tfjs-backend-wasm.wasm': plain,
		'tfjs-backend-wasm-simd.wasm': simd,
		'tfjs-backend-wasm-threaded-simd.wasm': threaded,
	});
	if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no ${backend} backend here`);
	await tf.ready();
	if (backend === 'wasm') registerSegmentSum();
}

/** The tape on a backend that is started here; one such peer per page. */
export async function tfjsTape(backend: PeerBackend): Promise<Peer> {
	await startBackend(backend);
	const memory = backend === 'webgpu' ? watchMemory() : null;
	const threads = backend === 'wasm' ? `, ${getThreadsCount()} thread(s)` : '';
	let variables = new Map<string, tf.Variable>();
	let run: (inputIds: Int32Array, labels: Int32Array) => tf.Scalar = () => {
		throw new Error('setup comes before step');
	};
	let release: () => void = () => undefined;

	return {
		name: `tfjs tape, ${backend}${threads}`,
		setup(weights, config) {
			const constants = makeConstants(config);
			variables = makeVariables(weights);
			const optimizer = adamW(config, variables);
			const trainable = [...variables.values()];
			const logits = forward(config, constants, (name) => {
				const variable = variables.get(name);
				if (!variable) throw new Error(`no weight named ${name}`);
				return variable;
			});
			let step = 0;
			run = (inputIds, labels) =>
				tf.tidy(() => {
					const ids = tf.tensor1d(inputIds, 'int32');
					const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), config.vocabSize);
					const { value, grads } = tf.variableGrads(
						() => tf.losses.softmaxCrossEntropy(targets, logits(ids)),
						trainable,
					);
					const byName = new Map(
						[...variables].map(([name, variable]) => [name, grads[variable.name] as tf.Tensor]),
					);
					optimizer.update(byName, ++step);
					return value;
				});
			release = () => {
				optimizer.dispose();
				tf.dispose([...trainable, constants.cos, constants.sin, constants.mask]);
			};
			return Promise.resolve();
		},
		async step(inputIds, labels) {
			memory?.start();
			const loss = run(inputIds, labels);
			const [value] = await loss.data();
			loss.dispose();
			if (value === undefined) throw new Error('the loss has no value');
			return value;
		},
		...(memory ? { peakBytes: memory.peak } : {}),
		dispose() {
			release();
		},
	};
}
