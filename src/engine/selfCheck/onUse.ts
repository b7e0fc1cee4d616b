/** Checks kernels that few models need when one of them is first used, so that no start waits for what it does without. */
import type { Ops, Tensor } from '../ops.ts';

/**
 * Weights in fewer bits than float32, layers whose widths are no whole vec4, what some families alone have, sums with factors:
 * these have kernels of their own.
 */
export const uses = [
	...(['bf16', 'int8', 'nf4', 'nf4-double', 'odd widths'] as const),
	...(['geglu', 'xielu', 'scale', 'axpby'] as const),
];
export type Use = (typeof uses)[number];

/**
 * The same operations. With the first call that needs kernels of a use, `check` is asked for it; nothing can be read
 * before it has answered, and what it rejects with every later `read`, `readIntegers` and `settle` does.
 */
export function checkedOnUse<T extends Ops>(ops: T, check: (use: Use) => Promise<void>): T {
	const checks = new Map<Use, Promise<void>>();
	const note = (use: Use) => {
		if (checks.has(use)) return;
		const answer = check(use);
		answer.catch(() => undefined);
		checks.set(use, answer);
	};
	const checked = async () => {
		await Promise.all(checks.values());
	};
	return {
		...ops,
		...notedProducts(ops, note),
		...notedElements(ops, note),
		async read(...request) {
			await checked();
			return ops.read(...request);
		},
		async readIntegers(tensor) {
			await checked();
			return ops.readIntegers(tensor);
		},
		async settle() {
			await checked();
			return ops.settle();
		},
	};
}

type Note = (use: Use) => void;

function notedProducts(ops: Ops, note: Note) {
	const noteWidths = (...tensors: readonly Tensor[]) => {
		if (tensors.some(({ shape }) => shape.some((length, at) => at > 0 && length % 4 !== 0)))
			note('odd widths');
	};
	return {
		uploadWeight(values, shape, format) {
			if (format !== 'f32') note(format);
			return ops.uploadWeight(values, shape, format);
		},
		linear(x, weight, extra) {
			noteWidths(x, weight);
			return ops.linear(x, weight, extra);
		},
		linearBackwardInput(dy, weight, into) {
			noteWidths(dy, weight);
			return ops.linearBackwardInput(dy, weight, into);
		},
		linearBackwardWeight(dy, x, into) {
			noteWidths(dy, x);
			return ops.linearBackwardWeight(dy, x, into);
		},
	} satisfies Partial<Ops>;
}

function notedElements(ops: Ops, note: Note) {
	return {
		geglu(gate, up) {
			note('geglu');
			return ops.geglu(gate, up);
		},
		xielu(x, curve) {
			note('xielu');
			return ops.xielu(x, curve);
		},
		scaleInPlace(x, factor) {
			note('scale');
			ops.scaleInPlace(x, factor);
		},
		axpby(...request) {
			note('axpby');
			ops.axpby(...request);
		},
	} satisfies Partial<Ops>;
}
