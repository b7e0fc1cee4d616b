/**
 * Language-specific neurons by language activation probability entropy (LAPE; Tang et al., ACL 2024, identify.py of
 * RUCAIBox/Language-Specific-Neurons). A neuron is one unit between gate and down projection; it is active at a token
 * where its gate is above 0. Layers with more language-specific neurons are chosen earlier.
 */
/** The published constants. */
export const publishedRates = { top: 0.01, filter: 0.95, bar: 0.95 };

/** How often each neuron was active. */
export interface ActivationCounts {
	/** Active tokens: counts[language][layer][neuron]. */
	readonly active: readonly (readonly Uint32Array[])[];
	/** Tokens run of each language. */
	readonly tokens: readonly number[];
}

export interface NeuronRates {
	/** Share of all neurons that are selected, those of least entropy. */
	readonly top: number;
	/** Share of all probabilities that a neuron must have one above, to be selected at all. */
	readonly filter: number;
	/** Share of all probabilities that one must be above, for the neuron to belong to its language. */
	readonly bar: number;
}

/**
 * Selected neurons of each of two or more languages that have tokens: result[language][layer] holds their numbers, ascending.
 */
export function languageNeurons(counts: ActivationCounts, rates: NeuronRates): number[][][] {
	const layers = counts.active[0]!.length;
	const width = counts.active[0]![0]!.length;
	const probabilities = counts.active.map((language, index) =>
		language.map((active) => Float64Array.from(active, (count) => count / counts.tokens[index]!)),
	);
	const all = Float64Array.from(probabilities.flat().flatMap((layer) => [...layer])).sort();
	const threshold = (share: number) => all[Math.round(share * all.length) - 1]!;
	const least = threshold(rates.filter);
	const bar = threshold(rates.bar);

	const neurons: { layer: number; neuron: number; entropy: number }[] = [];
	for (let layer = 0; layer < layers; layer++)
		for (let neuron = 0; neuron < width; neuron++) {
			const of = probabilities.map((language) => language[layer]![neuron]!);
			if (of.some((value) => value > least)) neurons.push({ layer, neuron, entropy: entropy(of) });
		}
	// Stable: of equal ones those of lower layers come first, there by number.
	const selected = neurons
		.sort((a, b) => a.entropy - b.entropy)
		.slice(0, Math.round(rates.top * layers * width));
	return probabilities.map((language) =>
		language.map((values, layer) =>
			selected
				.filter((one) => one.layer === layer && values[one.neuron]! > bar)
				.map(({ neuron }) => neuron)
				.sort((a, b) => a - b),
		),
	);
}

/** Language-specific neurons of every layer, summed over the languages: one of two languages counts twice. */
export const lapeScores = (neurons: readonly (readonly (readonly number[])[])[]): number[] =>
	neurons[0]!.map((_, layer) => neurons.reduce((sum, layers) => sum + layers[layer]!.length, 0));

/** Entropy, in nats, of the probabilities scaled to sum to 1; 0 where all are 0. */
function entropy(probabilities: readonly number[]): number {
	const total = probabilities.reduce((sum, value) => sum + value, 0);
	return probabilities.reduce((sum, value) => {
		const share = value / total;
		return share > 0 ? sum - share * Math.log(share) : sum;
	}, 0);
}
