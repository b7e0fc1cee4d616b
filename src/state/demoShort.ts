/** A shortened demo, asked for in the address: `?demo-steps=12&demo-points=front,rear`. For trying things; the page says so. Pure. */
import type { Study } from '../contract/study.ts';

export interface Shortened {
	/** Updates of each stage. */
	readonly steps: number | null;
	/** Configurations; null: all. */
	readonly points: readonly string[] | null;
}

/** What the query of the address asks for; null where it asks for nothing. */
export function shortenedBy(search: string): Shortened | null {
	const query = new URLSearchParams(search);
	const steps = Number(query.get('demo-steps'));
	const points = query.get('demo-points')?.split(',') ?? null;
	if (!query.has('demo-steps') && points === null) return null;
	return { steps: Number.isInteger(steps) && steps > 0 ? steps : null, points };
}

/** The study with the configurations asked for; all where none of them is in it. */
export function shorten(study: Study, ids: readonly string[] | null): Study {
	const points = study.points.filter(({ id }) => ids?.includes(id) ?? true);
	return points.length === 0 ? study : { ...study, points };
}
