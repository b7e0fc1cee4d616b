/** Learning rate over the updates of a run. */
import type { RunSpec } from '../../contract/spec.ts';

/**
 * Factor on the base rate at 0-based step s of T with w warm-up steps; formulas in contract/spec.ts.
 * `huggingface-linear` is transformers' get_linear_schedule_with_warmup.
 */
export function scheduleFactor(schedule: RunSpec['schedule'], step: number, steps: number): number {
	const { kind, warmupSteps } = schedule;
	if (kind === 'huggingface-linear') {
		if (step < warmupSteps) return step / Math.max(1, warmupSteps);
		return Math.max(0, (steps - step) / Math.max(1, steps - warmupSteps));
	}
	// Without any warm-up the quotient is infinite.
	const warmup = Math.min(1, (step + 1) / warmupSteps);
	switch (kind) {
		case 'constant':
			return warmup;
		case 'linear':
			return warmup * (1 - step / steps);
		case 'cosine':
			return (warmup * (1 + Math.cos((Math.PI * step) / steps))) / 2;
	}
}
