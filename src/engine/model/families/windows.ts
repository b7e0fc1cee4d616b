/** Which layers attend to a sliding window. */
import { badFile } from '../../../contract/errors.ts';
import { type RawConfig } from './family.ts';

/** Sliding window where the key is absent. */
const defaultWindow = 4096;

export const statedWindow = (raw: RawConfig): number | null =>
	raw.sliding_window === undefined ? defaultWindow : raw.sliding_window;

/** No layer slides, whatever `sliding_window` says; a layer that `layer_types` makes slide is refused. */
export const noWindows = (raw: RawConfig, file: string): (number | null)[] =>
	readWindows(raw, { window: null, firstSliding: 0, mixes: false }, file);

/**
 * Window of every layer, null for full attention: as `layer_types` says, else from `firstSliding` on. `window`: of those that
 * slide, null where none does; `mixes`: whether layers that attend to all may stand beside them. Throws `BadInput` naming a
 * layer that does not fit.
 */
export function readWindows(
	raw: RawConfig,
	{ window, firstSliding, mixes }: { window: number | null; firstSliding: number; mixes: boolean },
	file: string,
): (number | null)[] {
	const layers = Array.from({ length: raw.num_hidden_layers }, (_, index) => index);
	const types = raw.layer_types;
	if (!types) return layers.map((layer) => (layer >= firstSliding ? window : null));
	if (types.length !== layers.length) {
		throw badFile(
			file,
			`"layer_types" names ${types.length} layers, "num_hidden_layers" is ${layers.length}`,
		);
	}
	return types.map((type, layer) => {
		if (type === 'full_attention' && (mixes || window === null)) return null;
		if (type === 'sliding_attention' && window !== null) return window;
		throw badFile(
			file,
			`"layer_types"[${layer}] "${type}" does not fit "sliding_window" ${window ?? 'off'} of model type "${raw.model_type}"`,
		);
	});
}
