/** Flags of `lab train` as fields of the run specification (src/contract/spec.ts). */

/** The selection the flags state; undefined where they state none. */
function selection({ select, k, position, layers, embedding, head, finalNorm }) {
	if (layers) {
		if (select) throw new Error('--layers and --select exclude each other');
		return {
			method: 'layers',
			layers,
			embedding: embedding ?? false,
			head: head ?? false,
			finalNorm: finalNorm ?? false,
		};
	}
	if (embedding || head || finalNorm)
		throw new Error('--embedding, --head and --final-norm go with --layers');
	if (!select) {
		if (k !== undefined || position !== undefined)
			throw new Error('--k and --position go with --select');
		return undefined;
	}
	return { method: select, k, position };
}

/** Regions of as many layers as the selection, one after the other; undefined where none are stated. */
function stages({ select, k, then }) {
	if (then === undefined) return undefined;
	if (!select || k === undefined) throw new Error('--then goes with --select and --k');
	return then.map((method) => ({ method, k }));
}

/** What a decoder layer has: src/contract/spec.ts. */
const linearLayers = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** The adapters the flags state; undefined where they state none. */
function tune({ lora, loraAlpha, loraScaling, loraDropout, loraTargets }) {
	if (lora === undefined) {
		if ([loraAlpha, loraScaling, loraDropout, loraTargets].some((flag) => flag !== undefined))
			throw new Error(
				'--lora-alpha, --lora-scaling, --lora-dropout, --lora-targets go with --lora',
			);
		return undefined;
	}
	return {
		kind: 'lora',
		rank: lora,
		alpha: loraAlpha ?? lora,
		scaling: loraScaling,
		dropout: loraDropout ?? 0,
		targets: loraTargets ?? linearLayers,
	};
}

/** Without the fields that were not stated. */
function stated(fields) {
	const entries = Object.entries(fields)
		.map(([key, value]) => [key, isGroup(value) ? stated(value) : value])
		.filter(([, value]) => value !== undefined && !(isGroup(value) && isEmpty(value)));
	return Object.fromEntries(entries);
}

const isGroup = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isEmpty = (value) => Object.keys(value).length === 0;

/** Fields of the specification that the flags state, nothing else. */
export function specChanges(flags) {
	return stated({
		untie: flags.untie,
		selection: selection(flags),
		stages: stages(flags),
		tune: tune(flags),
		precision: { frozen: flags.frozen, trainable: flags.trainable },
		data: {
			rows: flags.rows,
			template: flags.template,
			loss: flags.loss,
			packing: flags.packing,
			order: flags.order,
			sequenceLength: flags.length,
			rowTokens: flags.rowTokens,
			heldOut: flags.heldOut,
		},
		optimizer: {
			kind: flags.optimizer,
			moments: flags.moments,
			learningRate: flags.learningRate,
			beta1: flags.beta1,
			beta2: flags.beta2,
			epsilon: flags.epsilon,
			weightDecay: flags.weightDecay,
			decay: flags.decay,
			// Off has one spelling, and so one id of a run.
			clipNorm: flags.clip === 0 ? null : flags.clip,
			muon: {
				learningRate: flags.muonLearningRate,
				momentum: flags.muonMomentum,
				nesterov: flags.muonNesterov,
				newtonSchulzSteps: flags.newtonSchulz,
				adjustLearningRate: flags.muonAdjustment,
			},
		},
		schedule: { kind: flags.schedule, warmupSteps: flags.warmup },
		batch: { size: flags.batch, accumulation: flags.accumulation },
		steps: flags.steps,
		seed: flags.seed,
		recompute: flags.recompute,
		checkpointEvery: flags.checkpointEvery,
	});
}

/** Flags over the fields of a specification file, group by group; a selection is one value. */
export function overlay(file, changes) {
	const merged = { ...file };
	for (const [key, value] of Object.entries(changes)) {
		merged[key] =
			key !== 'selection' && isGroup(value) && isGroup(merged[key])
				? overlay(merged[key], value)
				: value;
	}
	return merged;
}
