/**
 * The step in `@jax-js/jax` 0.1.25, written as its own examples are: a pure loss, `valueAndGrad`, an optax-like
 * AdamW over the tree of parameters, one `jit` around the whole, every array consumed by the call it is given to.
 * Slower or equal when tried: [in, out] weights, one-hot products for the embedding, the library's attention on
 * repeated keys, `jit` of loss and update apart, logSumExp in place of logSoftmax.
 */
import {
	blockUntilReady,
	defaultDevice,
	init,
	jit,
	lax,
	nn,
	numpy as np,
	tree,
	valueAndGrad,
} from '@jax-js/jax';
import type { StepConfig, Weights } from '../step.ts';
import type { Peer, PeerBackend } from './peer.ts';

type Parameters = Record<string, np.Array>;

/** One more reference to a parameter: operations consume what they are given. */
function use(parameters: Parameters, name: string): np.Array {
	const parameter = parameters[name];
	if (!parameter) throw new Error(`no weight named ${name}`);
	return parameter.ref;
}

const linear = (x: np.Array, weight: np.Array) => np.dot(x, weight.transpose());

function rmsNorm(x: np.Array, weight: np.Array, epsilon: number): np.Array {
	const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
	return x.div(np.sqrt(meanSquare.add(epsilon))).mul(weight);
}

/** Rotation tables [1, length, 1, headDim]. */
interface Tables {
	readonly cos: np.Array;
	readonly sin: np.Array;
}

function makeTables({ length, headDim, ropeTheta }: StepConfig): Tables {
	const half = headDim / 2;
	const angles = Float64Array.from({ length: length * headDim }, (_, i) => {
		const position = Math.floor(i / headDim);
		return position * ropeTheta ** ((-2 * (i % half)) / headDim);
	});
	const table = (value: (angle: number) => number) =>
		np.array(Float32Array.from(angles, value), { shape: [1, length, 1, headDim] });
	return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** x [batch, length, heads, headDim], halves rotated. */
function rotate(x: np.Array, { cos, sin }: Tables, headDim: number): np.Array {
	const first = x.ref.slice([], [], [], [0, headDim / 2]);
	const second = x.ref.slice([], [], [], [headDim / 2, headDim]);
	const turned = np.concatenate([second.neg(), first], -1);
	return x.mul(cos.ref).add(turned.mul(sin.ref));
}

function attention(
	config: StepConfig,
	tables: Tables,
	parameters: Parameters,
	prefix: string,
	x: np.Array,
): np.Array {
	const { batch, length, heads, keyValueHeads, headDim, hiddenSize } = config;
	const project = (input: np.Array, name: string, count: number) =>
		linear(input, use(parameters, prefix + name)).reshape([batch, length, count, headDim]);
	const q = rotate(project(x.ref, 'q_proj.weight', heads), tables, headDim);
	const k = rotate(project(x.ref, 'k_proj.weight', keyValueHeads), tables, headDim);
	const v = project(x, 'v_proj.weight', keyValueHeads);
	const groups = q.reshape([batch, length, keyValueHeads, heads / keyValueHeads, headDim]);
	const scores = np.einsum('blkgh,bskh->bkgls', groups, k).mul(headDim ** -0.5);
	const causal = np.tri(length, length, 0, { dtype: np.bool });
	const shares = nn.softmax(np.where(causal, scores, -1e9), -1);
	const mixed = np.einsum('bkgls,bskh->blkgh', shares, v).reshape([batch * length, hiddenSize]);
	return linear(mixed, use(parameters, `${prefix}o_proj.weight`));
}

function mlp(parameters: Parameters, prefix: string, x: np.Array): np.Array {
	const gate = linear(x.ref, use(parameters, `${prefix}gate_proj.weight`));
	const up = linear(x, use(parameters, `${prefix}up_proj.weight`));
	return linear(nn.silu(gate).mul(up), use(parameters, `${prefix}down_proj.weight`));
}

/** Mean cross-entropy of labels i32 [batch * length]. */
function meanLoss(config: StepConfig, tables: Tables) {
	const { batch, length, vocabSize, normEpsilon } = config;
	return (parameters: Parameters, inputIds: np.Array, labels: np.Array): np.Array => {
		const norm = (x: np.Array, name: string) => rmsNorm(x, use(parameters, name), normEpsilon);
		let x = use(parameters, 'model.embed_tokens.weight').slice(inputIds);
		for (let layer = 0; layer < config.layers; layer++) {
			const prefix = `model.layers.${layer}.`;
			const first = norm(x.ref, `${prefix}input_layernorm.weight`);
			x = x.add(attention(config, tables, parameters, `${prefix}self_attn.`, first));
			const second = norm(x.ref, `${prefix}post_attention_layernorm.weight`);
			x = x.add(mlp(parameters, `${prefix}mlp.`, second));
		}
		const logits = linear(norm(x, 'model.norm.weight'), use(parameters, 'lm_head.weight'));
		tree.dispose(parameters);
		const targets = lax.stopGradient(nn.oneHot(labels, vocabSize));
		return nn
			.logSoftmax(logits)
			.mul(targets)
			.sum()
			.mul(-1 / (batch * length));
	};
}

/** All that a step replaces. A type, as jax-js asks of its trees. */
type State = { parameters: Parameters; m: Parameters; v: Parameters };

/**
 * torch.optim.AdamW after clip_grad_norm_. `rate` is the learning rate over the first moment's bias correction,
 * `spread` one over the root of the second's: they change from step to step, so they are arguments of the jit.
 */
function adamW(config: StepConfig) {
	const { beta1, beta2, epsilon, clipNorm } = config;
	const keep = 1 - config.learningRate * config.weightDecay;
	return (state: State, gradients: Parameters, rate: np.Array, spread: np.Array): State => {
		const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
		const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
		const factor = np.minimum(np.reciprocal(norm.add(1e-6)).mul(clipNorm), 1);
		const next: State = { parameters: {}, m: {}, v: {} };
		for (const name of Object.keys(gradients)) {
			const gradient = use(gradients, name).mul(factor.ref);
			const m = use(state.m, name)
				.mul(beta1)
				.add(gradient.ref.mul(1 - beta1));
			const v = use(state.v, name)
				.mul(beta2)
				.add(np.square(gradient).mul(1 - beta2));
			const scale = np.sqrt(v.ref).mul(spread.ref).add(epsilon);
			const change = m.ref.mul(rate.ref).div(scale);
			next.parameters[name] = use(state.parameters, name).mul(keep).sub(change);
			next.m[name] = m;
			next.v[name] = v;
		}
		tree.dispose([state, gradients, factor, rate, spread]);
		return next;
	};
}

function makeStep(config: StepConfig, tables: Tables) {
	const lossAndGradients = valueAndGrad(meanLoss(config, tables));
	const update = adamW(config);
	return jit((state: State, ids: np.Array, labels: np.Array, rate: np.Array, spread: np.Array) => {
		const [loss, gradients] = lossAndGradients(tree.ref(state.parameters), ids, labels);
		return { loss, state: update(state, gradients, rate, spread) };
	});
}

function makeState(weights: Weights): State {
	const each = (make: (shape: number[], data: Float32Array) => np.Array): Parameters =>
		Object.fromEntries(
			[...weights].map(([name, { shape, data }]) => [name, make([...shape], data)]),
		);
	return {
		parameters: each((shape, data) => np.array(data.slice(), { shape })),
		m: each((shape) => np.zeros(shape)),
		v: each((shape) => np.zeros(shape)),
	};
}

/** jax-js on a backend that is started here; one such peer per page. */
export async function jaxJs(backend: PeerBackend): Promise<Peer> {
	if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} here`);
	defaultDevice(backend);
	// Its pool has one worker per hardware thread, and exists only with shared memory.
	const workers = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 0;
	let release: () => void = () => undefined;
	let run: Peer['step'] = () => Promise.reject(new Error('setup comes before step'));

	return {
		name: `jax-js, ${backend}${backend === 'wasm' ? `, ${workers} worker(s)` : ''}`,
		async setup(weights, config) {
			const { learningRate, beta1, beta2 } = config;
			const tables = makeTables(config);
			const takeStep = makeStep(config, tables);
			let state = makeState(weights);
			let count = 0;
			await blockUntilReady(state);
			const scalar = (value: number) => np.array(Float32Array.of(value), { shape: [] });
			run = async (inputIds, labels) => {
				count++;
				const out = takeStep(
					state,
					np.array(inputIds.slice()),
					np.array(labels.slice()),
					scalar(learningRate / (1 - beta1 ** count)),
					scalar(1 / Math.sqrt(1 - beta2 ** count)),
				);
				state = out.state;
				await blockUntilReady(state);
				return (await out.loss.jsAsync()) as number;
			};
			release = () => {
				takeStep.dispose();
				tree.dispose([state, tables.cos, tables.sin]);
			};
		},
		step: (inputIds, labels) => run(inputIds, labels),
		dispose() {
			release();
		},
	};
}
