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
	const scores = classes.map((name) => {
		let hits = 0;
		let claims = 0;
		for (const [index, label] of gold.entries()) {
			const claimed = predicted[index] === name;
			if (label === name) claims++;
			if (claimed) claims++;
			if (claimed && label === name) hits++;
		}
		// TP + FN gold items and TP + FP predicted ones: together 2 TP + FP + FN.
		return claims === 0 ? 0 : (2 * hits) / claims;
	});
	return scores.reduce((sum, score) => sum + score, 0) / classes.length;
}
