/** For tests: checkpoints of torch.save, made byte by byte. */
import type { ByteSource } from '../../contract/model.ts';

const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];

/** Opcodes of pickle as Python's pickletools names them. */
export const op = {
	text: (value: string) => [0x58, ...u32(utf8(value).length), ...utf8(value)],
	name: (module: string, name: string) => [0x63, ...utf8(`${module}\n${name}\n`)],
	number: (value: number) => [0x4d, ...u16(value)],
	mark: [0x28],
	tuple: [0x74],
	dictionary: [0x7d],
	setItems: [0x75],
	emptyTuple: [0x29],
	persistent: [0x51],
	no: [0x89],
	reduce: [0x52],
	stop: [0x2e],
};

/** What torch pickles of a tensor that lies in file `key`. */
export const tensorPickle = (
	key: string,
	shape: readonly number[],
	stride: readonly number[],
	offset = 0,
	storage = 'FloatStorage',
): number[] => [
	...op.name('torch._utils', '_rebuild_tensor_v2'),
	...[...op.mark, ...op.mark, ...op.text('storage'), ...op.name('torch', storage)],
	...[...op.text(key), ...op.text('cpu'), ...op.number(4), ...op.tuple, ...op.persistent],
	...op.number(offset),
	...[...op.mark, ...shape.flatMap(op.number), ...op.tuple],
	...[...op.mark, ...stride.flatMap(op.number), ...op.tuple],
	...[...op.no, ...op.name('collections', 'OrderedDict'), ...op.emptyTuple, ...op.reduce],
	...[...op.tuple, ...op.reduce],
];

/** A pickle (protocol 2) of a dictionary whose values are pickled already. */
export const dictionaryPickle = (entries: Readonly<Record<string, number[]>>): number[] => [
	...[...op.dictionary, ...op.mark],
	...Object.entries(entries).flatMap(([key, value]) => [...op.text(key), ...value]),
	...op.setItems,
];

export const wholePickle = (value: readonly number[]): number[] => [0x80, 2, ...value, ...op.stop];

interface Stored {
	readonly name: string;
	readonly bytes: ArrayLike<number>;
	readonly method?: number;
	/** Bit 0: encrypted. */
	readonly flags?: number;
}

/** A zip archive without compression (APPNOTE 4.3). */
export function zipOf(files: readonly Stored[]): Uint8Array {
	const archive: ArrayLike<number>[] = [];
	let at = 0;
	const directory: number[] = [];
	for (const { name, bytes, method = 0, flags = 0 } of files) {
		const size = u32(bytes.length);
		const common = [...u16(flags), ...u16(method), ...u32(0), ...u32(0), ...size, ...size];
		const lengths = [...u16(utf8(name).length), ...u16(0)];
		directory.push(...u32(0x02014b50), ...u16(20), ...u16(20), ...common, ...lengths);
		directory.push(...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(at), ...utf8(name));
		const header = [...u32(0x04034b50), ...u16(20), ...common, ...lengths, ...utf8(name)];
		archive.push(header, bytes);
		at += header.length + bytes.length;
	}
	const count = u16(files.length);
	const end = [...u32(0x06054b50), ...u16(0), ...u16(0), ...count, ...count];
	const where = [...u32(directory.length), ...u32(at), ...u16(0)];
	const parts = [...archive, directory, end, where];
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let filled = 0;
	for (const part of parts) {
		whole.set(part, filled);
		filled += part.length;
	}
	return whole;
}

/** `largest` tells the most bytes that were asked for at once. */
export function bytesSource(bytes: Uint8Array): ByteSource & { largest: number } {
	return {
		name: 'model.ckpt',
		size: bytes.length,
		largest: 0,
		read(begin, end) {
			this.largest = Math.max(this.largest, end - begin);
			if (!(begin >= 0 && begin <= end && end <= bytes.length))
				return Promise.reject(new Error(`bytes ${begin} to ${end} are outside the file`));
			return Promise.resolve(bytes.slice(begin, end));
		},
	};
}
