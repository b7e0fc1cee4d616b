// Writes marked WGSL loops out in full. Drivers on CPUs do not unroll, and an array indexed by a constant stays in
// registers where one indexed by a variable does not. The files remain valid WGSL without it.

const loop = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ unroll\n/;

const closingBrace = (code: string, start: number): number => {
	let depth = 1;
	for (let at = start; at < code.length; at++) {
		if (code[at] === '{') depth += 1;
		if (code[at] === '}') depth -= 1;
		if (depth === 0) return at;
	}
	throw new Error('WGSL: a loop to unroll has no end');
};

const countOf = (code: string, bound: string): number => {
	const value = /^\d+u$/.test(bound)
		? bound
		: new RegExp(`const ${bound} = (\\d+u);`).exec(code)?.[1];
	if (value === undefined) throw new Error(`WGSL: cannot unroll up to ${bound}, no plain constant`);
	return Number.parseInt(value, 10);
};

/** Longer loops stay loops: compilers on CPUs need seconds for what would become of them. */
const mostCopies = 16;

/**
 * Replaces every `for (var i = 0u; i < N; i++) { // unroll` by N blocks in which `i` is a constant. N is a number or
 * a constant of the same text with a plain value, 16 at most, else the loop stays; `break` and `continue` must not occur inside.
 */
export const unroll = (code: string): string => {
	let text = code;
	for (let found = loop.exec(text); found; found = loop.exec(text)) {
		const [head, index = '', bound = ''] = found;
		const start = found.index + head.length;
		const end = closingBrace(text, start);
		const body = text.slice(start, end);
		const count = countOf(text, bound);
		const copies =
			count > mostCopies
				? [`${head.replace(' // unroll', '')}${body}}`]
				: Array.from({ length: count }, (_, i) => `{ const ${index} = ${i}u;\n${body}}`);
		text = text.slice(0, found.index) + copies.join('\n') + text.slice(end + 1);
	}
	return text;
};
