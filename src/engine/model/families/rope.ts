/**
 * Rotary position settings of a `config.json`, resolved as transformers 5 does (`modeling_rope_utils.py`):
 * `rope_scaling`, where it holds anything, in place of all of `rope_parameters`; the base frequency from the settings
 * taken, else from `rope_theta` beside them.
 */
import { badFile } from '../../../contract/errors.ts';
import { shownValue } from '../../../contract/shownValue.ts';
import type { ModelConfig, RopeScaling } from '../../../contract/model.ts';
import { type RawConfig } from './family.ts';

type Settings = Readonly<Record<string, unknown>>;

const holdsAnything = (settings: Settings | null | undefined): settings is Settings =>
	settings !== null && settings !== undefined && Object.keys(settings).length > 0;

function settingsOf(raw: RawConfig): { settings: Settings; key: string } {
	if (holdsAnything(raw.rope_scaling)) return { settings: raw.rope_scaling, key: 'rope_scaling' };
	return { settings: raw.rope_parameters ?? {}, key: 'rope_parameters' };
}

const own = (settings: Settings, name: string): unknown =>
	Object.hasOwn(settings, name) ? settings[name] : undefined;

/**
 * Reads base frequency and scaling: rope type `default` or `llama3`. Older files say `type` for `rope_type`.
 * `defaultTheta`: of the family. Throws `BadInput` naming every other type.
 */
export function readRope(
	raw: RawConfig,
	contextLength: number,
	file: string,
	defaultTheta = 10000,
): Pick<ModelConfig, 'ropeTheta' | 'ropeScaling'> {
	const { settings, key } = settingsOf(raw);
	const stated = own(settings, 'rope_theta');
	const beside = raw.rope_theta === undefined ? defaultTheta : raw.rope_theta;
	const ropeTheta = readTheta(stated === undefined ? beside : stated, file);
	const rotated = own(settings, 'partial_rotary_factor') ?? 1;
	if (rotated !== 1) throw badFile(file, `"${key}.partial_rotary_factor" is not supported`);
	refuseNested(settings, key, file);
	const named = own(settings, 'rope_type');
	const type = named === undefined ? (own(settings, 'type') ?? 'default') : named;
	if (type === 'default') return { ropeTheta, ropeScaling: null };
	if (type === 'llama3') {
		const before = raw['original_max_position_embeddings'];
		const scaling = before === undefined ? settings : { ...settings, [originalLength]: before };
		return { ropeTheta, ropeScaling: readLlama3(scaling, key, contextLength, file) };
	}
	throw badFile(
		file,
		`rope type ${shownValue(type)} in "${key}" is not supported; supported are default, llama3`,
	);
}

/** Of a file with both spellings, which one counts. */
export function ropeNotes(raw: RawConfig, file: string): string[] {
	if (!holdsAnything(raw.rope_scaling) || !holdsAnything(raw.rope_parameters)) return [];
	return [`${file}: "rope_scaling" is used in place of "rope_parameters", as in transformers.`];
}

function readTheta(value: unknown, file: string): number {
	if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
	throw badFile(file, `"rope_theta" is ${shownValue(value)}, expected a number above 0`);
}

/** Where it stands beside the settings, it is taken before theirs. */
const originalLength = 'original_max_position_embeddings';

function readLlama3(
	settings: Settings,
	key: string,
	contextLength: number,
	file: string,
): RopeScaling {
	const positive = (name: string, fallback?: number): number => {
		const value = own(settings, name) ?? fallback;
		if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
		const found = value === undefined ? 'missing' : shownValue(value);
		throw badFile(file, `"${key}.${name}" is ${found}, expected a number above 0`);
	};
	const scaling: RopeScaling = {
		factor: positive('factor'),
		lowFrequencyFactor: positive('low_freq_factor'),
		highFrequencyFactor: positive('high_freq_factor'),
		originalContextLength: positive(originalLength, contextLength),
	};
	if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
		throw badFile(file, `"${key}.high_freq_factor" must be above "low_freq_factor"`);
	}
	return scaling;
}

/** Gemma-like files hold one dictionary per layer type. */
function refuseNested(settings: Settings, key: string, file: string): void {
	const nested = Object.keys(settings).find(
		(name) => typeof settings[name] === 'object' && settings[name] !== null,
	);
	if (nested === undefined) return;
	throw badFile(file, `"${key}.${nested}": settings per layer type are not supported`);
}
