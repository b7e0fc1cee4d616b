/** Rotary position settings of a `config.json`: `rope_parameters` (transformers 5) or `rope_theta` + `rope_scaling`. */
import type { ModelConfig, RopeScaling } from '../contract/model.ts';
import type { RawConfig } from './config.ts';
import { badFile } from './input.ts';

type Settings = Readonly<Record<string, unknown>>;

/**
 * Reads base frequency and scaling: rope type `default` or `llama3`. Older files say `type` for `rope_type`.
 * Throws `BadInput` naming every other type.
 */
export function readRope(
	raw: RawConfig,
	contextLength: number,
	file: string,
): Pick<ModelConfig, 'ropeTheta' | 'ropeScaling'> {
	const key = raw.rope_parameters ? 'rope_parameters' : 'rope_scaling';
	const settings: Settings = raw.rope_parameters ?? raw.rope_scaling ?? {};
	const ropeTheta = readTheta(settings['rope_theta'] ?? raw.rope_theta ?? 10000, file);
	const rotated = settings['partial_rotary_factor'] ?? 1;
	if (rotated !== 1) throw badFile(file, `"${key}.partial_rotary_factor" is not supported`);
	const type = settings['rope_type'] ?? settings['type'] ?? 'default';
	if (type === 'default') {
		refuseNested(settings, key, file);
		return { ropeTheta, ropeScaling: null };
	}
	if (type === 'llama3') {
		return { ropeTheta, ropeScaling: readLlama3(settings, key, contextLength, file) };
	}
	throw badFile(
		file,
		`rope type ${JSON.stringify(type)} in "${key}" is not supported; supported are default, llama3`,
	);
}

function readTheta(value: unknown, file: string): number {
	if (typeof value === 'number' && value > 0) return value;
	throw badFile(file, `"rope_theta" is ${JSON.stringify(value)}, expected a number above 0`);
}

function readLlama3(
	settings: Settings,
	key: string,
	contextLength: number,
	file: string,
): RopeScaling {
	const positive = (name: string, fallback?: number): number => {
		const value = settings[name] ?? fallback;
		if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
		const found = value === undefined ? 'missing' : JSON.stringify(value);
		throw badFile(file, `"${key}.${name}" is ${found}, expected a number above 0`);
	};
	const scaling: RopeScaling = {
		factor: positive('factor'),
		lowFrequencyFactor: positive('low_freq_factor'),
		highFrequencyFactor: positive('high_freq_factor'),
		originalContextLength: positive('original_max_position_embeddings', contextLength),
	};
	if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
		throw badFile(file, `"${key}.high_freq_factor" must be above "low_freq_factor"`);
	}
	return scaling;
}

/** Gemma-like files hold one dictionary per layer type. */
function refuseNested(settings: Settings, key: string, file: string): void {
	const nested = Object.keys(settings).find((name) => typeof settings[name] === 'object');
	if (nested === undefined) return;
	throw badFile(file, `"${key}.${nested}": settings per layer type are not supported`);
}
