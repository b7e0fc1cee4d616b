/** Hyper-parameters of a COMET checkpoint: `hparams.yaml`, or what Lightning keeps in the checkpoint. */
import { badFile } from '../contract/errors.ts';
import type { CometOptions } from '../contract/comet.ts';

/** What is implemented; where the files state nothing, the first: those of Unbabel/wmt22-comet-da. */
const known = {
	encoder_model: ['XLM-RoBERTa'],
	layer: ['mix'],
	layer_transformation: ['sparsemax', 'softmax'],
	layer_norm: [false, true],
	pool: ['avg', 'cls'],
	activations: ['Tanh'],
	final_activation: [null],
} as const;

/**
 * Reads the keys that change a score. `class_identifier`, where it is stated, must be the one with a reference.
 * Throws `BadInput` naming a value that is not implemented.
 */
export function readCometOptions(values: ReadonlyMap<string, unknown>, file: string): CometOptions {
	const kind = values.get('class_identifier') ?? 'regression_metric';
	if (kind !== 'regression_metric')
		throw badFile(file, `"class_identifier" is ${told(kind)}; COMET-22 is a regression_metric`);
	const read = <Key extends keyof typeof known>(key: Key): (typeof known)[Key][number] => {
		const stated = values.get(key);
		const accepted: readonly unknown[] = known[key];
		if (stated === undefined) return known[key][0];
		if (accepted.includes(stated)) return stated as (typeof known)[Key][number];
		const list = accepted.map(told).join(', ');
		throw badFile(file, `"${key}" is ${told(stated)}; implemented: ${list}`);
	};
	for (const key of ['encoder_model', 'layer', 'activations', 'final_activation'] as const)
		read(key);
	return {
		layerTransformation: read('layer_transformation'),
		layerNorm: read('layer_norm'),
		pool: read('pool'),
	};
}

/** What is nested may be anything, itself included. */
const told = (value: unknown): string =>
	typeof value === 'object' && value !== null ? 'no plain value' : JSON.stringify(value);

const constants = new Map<string, unknown>([
	['null', null],
	['~', null],
	['', null],
	['true', true],
	['false', false],
]);

/** The plain `key: value` lines of `hparams.yaml`; lists and everything nested are read over. */
export function parseHparams(text: string): Map<string, unknown> {
	const values = new Map<string, unknown>();
	for (const line of text.split(/\r?\n/)) {
		const colon = line.indexOf(':');
		const [key, value] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
		if (!/^\w+$/.test(key)) continue;
		const plain = value.replace(/^(["'])(.*)\1$/, '$2');
		const lower = value.toLowerCase();
		values.set(key, constants.has(lower) ? constants.get(lower) : plain);
	}
	return values;
}
