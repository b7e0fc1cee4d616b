/** What the points of the demo's studies are made of. */
import type { Selection } from '../../contract/spec.ts';
import type { StudyPoint } from '../../contract/study.ts';

/** The base model, measured only. */
export const base: StudyPoint = {
	id: 'base',
	label: 'Base',
	stages: [],
	adapter: null,
	position: null,
};

/** One region, trained in full. */
export function region(
	id: string,
	label: string,
	selection: Selection,
	position: number | null = null,
): StudyPoint {
	return { id, label, stages: [selection], adapter: null, position };
}

/** Layers alone: neither embedding nor head nor final norm. */
export function only(layers: readonly number[]): Selection {
	return { method: 'layers', layers: [...layers], embedding: false, head: false, finalNorm: false };
}

/** The `k` centre layers of `layers`, alone. */
export function centre(layers: number, k: number): Selection {
	const first = Math.floor((layers - k) / 2);
	return only(Array.from({ length: k }, (_, i) => first + i));
}
