/** What commands print for people: short plain tables. */

const isNumber = (text) => /^[-+]?[\d.]/.test(text);

/** Columns as wide as their content; numbers to the right. */
export function table(header, rows) {
	const lines = [header, ...rows].map((row) => row.map(String));
	const widths = header.map((_name, at) => Math.max(...lines.map((line) => line[at].length)));
	return lines
		.map((line) =>
			line
				.map((cell, at) => (isNumber(cell) ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

const exponential = (value) => value.toExponential(2);
const decimals = (value) => value.toFixed(4);

export function verificationTable({ rows }) {
	return table(
		['quantity', 'error', 'tolerance', 'result'],
		rows.map(({ quantity, error, tolerance, passed }) => [
			quantity,
			exponential(error),
			exponential(tolerance),
			passed ? 'pass' : 'FAIL',
		]),
	);
}

/** What chrF++ and BLEU depend on, in sacrebleu's words. */
function signatures(rows) {
	const signed = rows.filter(({ signature }) => signature);
	return [...new Set(signed.map(({ metric, signature }) => `${metric}: ${signature}`))];
}

export function metricTable(rows) {
	const lines = table(
		['task', 'subject', 'metric', 'weights', 'mean', 'sd', 'runs', 'count', 'shortened'],
		rows.map((row) => [
			row.task,
			row.subject,
			row.metric,
			row.weights,
			decimals(row.mean),
			row.sd === null ? '' : decimals(row.sd),
			row.runs,
			row.count,
			row.shortened,
		]),
	);
	const notes = new Set(rows.flatMap((row) => row.notes ?? []));
	return [lines, ...signatures(rows), ...notes].join('\n');
}

/** Per layer the probability of each language's first tokens, and the entropy. */
export function lensTable({ subject, weights, count, shortened = 0, languages, entropy }) {
	const lines = table(
		['layer', ...languages.map(({ code }) => `p(${code})`), 'bits'],
		entropy.mean.map((bits, layer) => [
			layer,
			...languages.map(({ mean }) => decimals(mean[layer])),
			decimals(bits),
		]),
	);
	const cut = shortened > 0 ? `, ${shortened} prompts shortened to fit the context` : '';
	return `${subject}, ${weights}, after each layer, ${count} words${cut}\n${lines}`;
}

/** What a receipt proves, in numbers. */
export function receiptSummary({ tensors, frozenUnchanged }) {
	return {
		tensors: tensors.length,
		trainable: tensors.filter(({ trainable }) => trainable).length,
		changed: tensors.filter(({ before, after }) => before !== after).length,
		/** Names of those that were to train and did not. */
		still: tensors
			.filter(({ trainable, before, after }) => trainable && before === after)
			.map(({ name }) => name),
		frozenUnchanged,
	};
}

/** A line where tensors that were to train are the same to the last bit. */
function stillLines({ still, trainable }) {
	if (still.length === 0) return [];
	const names = `${still.slice(0, 3).join(', ')}${still.length > 3 ? ', ...' : ''}`;
	return [`${still.length} of ${trainable} tensors that were to train did NOT change: ${names}`];
}

export function trainSummary(result) {
	const summary = receiptSummary(result.receipt);
	const { tensors, changed, frozenUnchanged } = summary;
	const [first, last] = [result.losses.at(0), result.losses.at(-1)];
	return [
		`run ${result.run}: ${result.status} after ${result.steps} updates`,
		...(first === undefined
			? []
			: [`training loss ${decimals(first)} at first, ${decimals(last)} at last`]),
		...result.data.notes,
		`${changed} of ${tensors} tensors changed; frozen ones ${frozenUnchanged ? 'are identical' : 'CHANGED'}`,
		...stillLines(summary),
		...(result.results.length ? [metricTable(result.results)] : []),
	].join('\n');
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Bytes by purpose, and the time of all updates by that of a few. */
export function forecastTable({ forecast, updates, calibration }) {
	const { secondsPerUpdate, peakBytes } = calibration;
	return [
		...Object.entries(forecast.bytes).map(([name, bytes]) => `${name}: ${megabytes(bytes)}`),
		`measured: ${megabytes(peakBytes)}`,
		`${secondsPerUpdate.toFixed(3)} s an update, ${(secondsPerUpdate * updates).toFixed(0)} s for ${updates}`,
	].join('\n');
}

/** Layers, best first, with their scores, and of LAPE the neurons of each language. */
export function scoreTable({ scores, ranking, languages }) {
	return table(
		['rank', 'layer', 'score', ...languages.map(({ language }) => language)],
		ranking.map((layer, at) => [
			at + 1,
			layer,
			Number(scores[layer].toPrecision(6)),
			...languages.map(({ neurons }) => neurons[layer]),
		]),
	);
}
