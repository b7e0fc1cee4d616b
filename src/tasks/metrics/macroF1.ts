/** Macro-averaged F1. */

/**
 * Mean over the classes of 2 TP / (2 TP + FP + FN), 0 where the denominator is 0. `gold` and `predicted` have the same
 * length; in [0, 1].
 */
export function macroF1(
	gold: readonly string[],
	predicted: readonly string[],
	classes: readonly string[],
): number {
	const hits = new Map<string, number>();
	// TP + FN gold items and TP + FP predicted ones: together 2 TP + FP + FN.
	const claims = new Map<string, number>();
	const count = (counts: Map<string, number>, name: string) =>
		counts.set(name, (counts.get(name) ?? 0) + 1);
	for (const [index, label] of gold.entries()) {
		const claimed = predicted[index] ?? '';
		count(claims, label);
		count(claims, claimed);
		if (claimed === label) count(hits, label);
	}
	const scores = classes.map((name) => {
		const of = claims.get(name) ?? 0;
		return of === 0 ? 0 : (2 * (hits.get(name) ?? 0)) / of;
	});
	return scores.reduce((sum, score) => sum + score, 0) / classes.length;
}
