/** Mean and spread over evaluation runs. */

/** Mean, and standard deviation with n - 1; null for a single value. */
export function meanAndSd(values: readonly number[]): { mean: number; sd: number | null } {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	if (values.length < 2) return { mean, sd: null };
	const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}
