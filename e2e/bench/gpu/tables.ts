/** The GPU bench's results as text. */
import type { KernelResult } from './kernels.ts';
import type { StepRow } from './steps.ts';

function table(lines: readonly (readonly string[])[]): string {
	const widths = (lines[0] ?? []).map((_, i) =>
		Math.max(...lines.map((line) => (line[i] ?? '').length)),
	);
	return lines
		.map((line) =>
			line
				.map((cell, i) => cell.padEnd(widths[i] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

const ms = (value: number) => value.toFixed(value < 10 ? 3 : 1);

export function kernelTable({ rows, floor, leftOut }: KernelResult): string {
	const lines = rows.map(({ name, ours, stock, floor: best, addedBytes }) => [
		name,
		ms(ours),
		stock === null ? '' : ms(stock),
		stock === null ? '' : `${(stock / ours).toFixed(2)}x`,
		`${((100 * best) / ours).toFixed(0)} %`,
		(addedBytes / 1e6).toFixed(2),
	]);
	const head = ['kernel', 'ours ms', 'tfjs ms', 'faster', 'of the best', 'added MB'];
	const best = `best of the adapter: ${floor.gigaflops.toFixed(0)} GFLOP/s, ${floor.gigabytes.toFixed(0)} GB/s`;
	const missing = leftOut.length === 0 ? '' : `\nleft out, too long here: ${leftOut.join(', ')}`;
	return `${table([head, ...lines])}\n${best}${missing}`;
}

export function stepTable(rows: readonly StepRow[]): string {
	const lines = rows.map(({ name, contestant, milliseconds, tokensPerSecond, peakBytes }) => [
		name,
		contestant,
		ms(milliseconds),
		tokensPerSecond.toFixed(0),
		peakBytes === null ? '' : (peakBytes / 1e9).toFixed(2),
	]);
	return table([['step', 'contestant', 'ms', 'tokens/s', 'peak GB'], ...lines]);
}
