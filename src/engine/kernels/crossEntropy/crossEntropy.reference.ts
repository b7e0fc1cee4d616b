/** Cross-entropy of integer labels under softmax(logits), and its gradient. */

type Values = ArrayLike<number>;

/** losses[r] = log(sum exp(logits[r])) - logits[r, label]; rows with a negative label have loss and gradient 0. */
export function crossEntropy(logits: Values, labels: Values, gradientScale: number) {
	const rows = labels.length;
	const width = logits.length / rows;
	const losses = new Float32Array(rows);
	const gradient = new Float32Array(logits.length);
	for (let r = 0; r < rows; r++) {
		const label = labels[r]!;
		if (label < 0) continue;
		let largest = -Infinity;
		for (let i = 0; i < width; i++) largest = Math.max(largest, logits[r * width + i]!);
		let total = 0;
		for (let i = 0; i < width; i++) total += Math.exp(logits[r * width + i]! - largest);
		losses[r] = Math.log(total) + largest - logits[r * width + label]!;
		for (let i = 0; i < width; i++) {
			const p = Math.exp(logits[r * width + i]! - largest) / total;
			gradient[r * width + i] = gradientScale * (p - (i === label ? 1 : 0));
		}
	}
	return { losses, gradient };
}
