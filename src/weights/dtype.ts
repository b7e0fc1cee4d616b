/** Number formats of weight files: to f32, and from it. Typed arrays are little-endian on every platform with WebAssembly. */

/** Bytes of one element. */
export const dtypeBytes = { F32: 4, F16: 2, BF16: 2 } as const;

export type Dtype = keyof typeof dtypeBytes;

export function isDtype(name: string): name is Dtype {
	return Object.hasOwn(dtypeBytes, name);
}

/** Fills `values` from as many elements of `bytes`; exact, since f32 holds every F16 and BF16 number. */
export function decodeInto(
	values: Float32Array<ArrayBuffer>,
	bytes: Uint8Array,
	dtype: Dtype,
): void {
	if (dtype === 'F32') {
		new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
		return;
	}
	const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
	const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, values.length);
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	if (dtype === 'BF16') {
		for (let i = 0; i < bits.length; i++) bits[i] = (halves[i] ?? 0) << 16;
		return;
	}
	const table = halfTable();
	for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i] ?? 0] ?? 0;
}

/** The nearest bf16 numbers of finite values, ties to even. */
export function encodeBf16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

/** Index of the first NaN or infinity, -1 if there is none. */
export function findNotFinite(values: Float32Array): number {
	for (let i = 0; i < values.length; i++) {
		const value = values[i] ?? 0;
		// x - x is 0 for every finite number; faster than Number.isFinite over millions of weights.
		if (value - value !== 0) return i;
	}
	return -1;
}

let halfBits: Uint32Array | null = null;

/** f32 bits of each of the 65,536 F16 patterns (IEEE 754 binary16). */
function halfTable(): Uint32Array {
	if (halfBits) return halfBits;
	const values = new Float32Array(65536);
	for (let half = 0; half < values.length; half++) {
		const sign = half & 0x8000 ? -1 : 1;
		const exponent = (half >> 10) & 31;
		const fraction = half & 1023;
		if (exponent === 31) values[half] = fraction === 0 ? sign * Infinity : NaN;
		else if (exponent === 0) values[half] = sign * fraction * 2 ** -24;
		else values[half] = sign * (1024 + fraction) * 2 ** (exponent - 25);
	}
	halfBits = new Uint32Array(values.buffer);
	return halfBits;
}
