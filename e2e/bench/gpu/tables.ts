/** The GPU bench's results as text. */
import type { Differences } from './compare.ts';
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

const error = ({ reference, tfjs }: Differences) => (reference ?? tfjs)?.toExponential(0) ?? '';

/** Time, share of what the adapter could do at best, memory and error (against tfjs where the reference takes too long). */
export function kernelTable(result: KernelResult): string {
	const { rows, floor, products, leftOut, attentionBytes } = result;
	const lines = rows.map(({ name, ours, stock, floor: best, addedBytes, differences }) => [
		name,
		ms(ours),
		stock === null ? 'cannot' : ms(stock),
		stock === null ? '' : `${(stock / ours).toFixed(2)}x`,
		`${((100 * best) / ours).toFixed(0)} %`,
		(addedBytes / 1e6).toFixed(2),
		error(differences),
	]);
	const head = ['kernel', 'ours ms', 'tfjs ms', 'faster', 'of the best', 'added MB', 'error'];
	const slower = rows
		.filter(({ ours, stock }) => stock !== null && ours > stock)
		.map(({ name }) => name);
	const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
	return [
		table([head, ...lines]),
		`best of the adapter: ${floor.gigaflops.toPrecision(3)} GFLOP/s, ${floor.gigabytes.toPrecision(3)} GB/s`,
		`matrix products: ${products.bySize.map(({ from, kernel }) => `${kernel} from ${from} tiles`).join(', ')}, 8-bit weights in tiles of ${products.halfTiles ? 16 : 32} bits`,
		`slower than tfjs: ${list(slower)}`,
		...Object.entries(attentionBytes).map(
			([part, bytes]) => `attention ${part} adds ${bytes.toFixed(0)} bytes a token at every length`,
		),
		`left out, minutes each on an emulated adapter: ${list(leftOut)}`,
	].join('\n');
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
