/** Metric series of a run: plain arrays, made anew once per batch of events. */
import type { StepEvent } from '../contract/training.ts';

export type Series = readonly StepEvent[];

/** Steps added at the end. A resumed run repeats steps after its checkpoint: the newer ones replace the older. */
export function append(series: Series, steps: readonly StepEvent[]): Series {
	const first = steps[0];
	if (!first) return series;
	let keep = series.length;
	while (keep > 0 && (series[keep - 1]?.step ?? -1) >= first.step) keep--;
	return [...series.slice(0, keep), ...steps];
}

/** The last n steps. */
function recent(series: Series, n: number): Series {
	return series.slice(Math.max(0, series.length - n));
}

/** Input tokens per second over the last `n` updates; null before the first. */
export function tokensPerSecond(series: Series, n = 10): number | null {
	const last = recent(series, n);
	const seconds = last.reduce((sum, { seconds }) => sum + seconds, 0);
	return seconds > 0 ? last.reduce((sum, { tokens }) => sum + tokens, 0) / seconds : null;
}

/** Seconds until update `total` is done, from the median of the last `n` updates; null before the first. */
export function secondsLeft(series: Series, total: number, n = 15): number | null {
	const last = series.at(-1);
	if (!last) return null;
	const times = recent(series, n)
		.map(({ seconds }) => seconds)
		.sort((a, b) => a - b);
	const median = times[Math.floor(times.length / 2)] ?? 0;
	return Math.max(0, total - last.step - 1) * median;
}

/** Exponential moving average of the loss with bias correction, for the calm line in the picture. */
export function smoothed(series: Series, decay = 0.6): number[] {
	let mean = 0;
	let weight = 1;
	return series.map(({ loss }) => {
		mean = decay * mean + (1 - decay) * loss;
		weight *= decay;
		return mean / (1 - weight);
	});
}
