/** What the kernels are given of the factor on x. */
import type { Axpby } from '../../ops.ts';

/** It is numerator / max(norm + offset, least). */
export interface FactorParameters {
	readonly numerator: number;
	readonly offset: number;
	readonly least: number;
}

/** torch's clip_grad_norm_ as min(1, c / (norm + 1e-6)) = c / max(norm + 1e-6, c), and its normalize; null: 1. */
export function factorParameters({ clipNorm, normalise }: Axpby): FactorParameters | null {
	if (clipNorm != null) return { numerator: clipNorm, offset: 1e-6, least: clipNorm };
	if (normalise !== undefined) return { numerator: 1, offset: 0, least: normalise };
	return null;
}

/** The factor, where the norm is known. */
export function sharedFactor(scales: Axpby, norm: number): number {
	const parameters = factorParameters(scales);
	if (parameters === null) return 1;
	const { numerator, offset, least } = parameters;
	return numerator / Math.max(norm + offset, least);
}
