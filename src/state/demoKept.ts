/** Results of a demo study that outlive a reload: scores and curves as text, marked with when they were trained. Pure. */
import * as v from 'valibot';
import type { PointProgress } from './demoProgress.ts';

const score = v.object({ mean: v.number(), count: v.number() });

const KeptSchema = v.object({
	/** Milliseconds since 1970. */
	at: v.number(),
	points: v.array(
		v.object({
			id: v.string(),
			scores: v.record(v.string(), score),
			curve: v.array(
				v.object({
					step: v.number(),
					understands: v.nullable(score),
					speaks: v.nullable(score),
				}),
			),
		}),
	),
});

/** Text of what is finished. */
export function keptText(all: readonly PointProgress[], now: number): string {
	const points = all
		.filter(({ state }) => state === 'done')
		.map(({ point, scores, curve }) => ({ id: point.id, scores, curve }));
	const at = Math.min(now, ...all.flatMap(({ storedAt }) => storedAt ?? []));
	return JSON.stringify({ at, points });
}

function parse(text: string | null): v.InferOutput<typeof KeptSchema> | null {
	if (text === null) return null;
	try {
		const result = v.safeParse(KeptSchema, JSON.parse(text));
		return result.success ? result.output : null;
	} catch {
		return null;
	}
}

/** The study with what the text holds of it; text that is none, or of an older page, changes nothing. */
export function withKept(
	beginning: readonly PointProgress[],
	text: string | null,
): readonly PointProgress[] {
	const kept = parse(text);
	return beginning.map((one) => {
		const found = kept?.points.find(({ id }) => id === one.point.id);
		if (!kept || !found) return one;
		const { scores, curve } = found;
		return { ...one, state: 'done', step: one.steps, scores, curve, storedAt: kept.at };
	});
}

/** The curve that was kept of a configuration; empty where none was. */
export function keptCurve(text: string | null, id: string): PointProgress['curve'] {
	return parse(text)?.points.find((point) => point.id === id)?.curve ?? [];
}
