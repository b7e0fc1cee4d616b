/** Writing safetensors that `safetensors.torch.load_file` and transformers read. */
import { dtypeBytes, encodeBf16 } from './dtype.ts';

export interface NamedTensor {
	readonly name: string;
	readonly shape: readonly number[];
	readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Encodes tensors as f32, or rounded to bf16: the parts of a Blob, header first, in the order given. Arrays kept in f32
 * are referred to, not copied. transformers asks for `metadata` `{ format: 'pt' }`. Throws where a name repeats or a
 * shape does not fit its data.
 */
export function encodeSafetensors(
	tensors: Iterable<NamedTensor>,
	metadata: Readonly<Record<string, string>>,
	dtype: 'F32' | 'BF16' = 'F32',
): Uint8Array<ArrayBuffer>[] {
	const entries = new Map<string, unknown>([['__metadata__', metadata]]);
	const parts: Uint8Array<ArrayBuffer>[] = [];
	let at = 0;
	for (const { name, shape, data } of tensors) {
		const size = shape.reduce((product, length) => product * length, 1);
		if (entries.has(name)) throw new Error(`tensor "${name}" given twice`);
		if (size !== data.length) {
			throw new Error(`tensor "${name}" [${shape.join()}] has ${data.length} values, not ${size}`);
		}
		const end = at + size * dtypeBytes[dtype];
		entries.set(name, { dtype, shape, data_offsets: [at, end] });
		const { buffer, byteOffset, byteLength } = dtype === 'BF16' ? encodeBf16(data) : data;
		parts.push(new Uint8Array(buffer, byteOffset, byteLength));
		at = end;
	}
	return [encodeHeader(entries), ...parts];
}

/** Padded with spaces so that the data begin at a multiple of 8, as the reference implementation does. */
function encodeHeader(entries: ReadonlyMap<string, unknown>): Uint8Array<ArrayBuffer> {
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
	const length = Math.ceil(json.length / 8) * 8;
	const header = new Uint8Array(8 + length).fill(0x20);
	new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
	header.set(json, 8);
	return header;
}
