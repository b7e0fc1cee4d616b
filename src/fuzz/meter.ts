/**
 * Counts the bytes that code asks for, by standing in for the constructors of buffers: ArrayBuffer, typed arrays, lists of
 * a stated length, Blob, and texts repeated or padded. What would pass the limit is refused as the browser refuses it,
 * before it is taken. Lists that grow element by element are not seen: the thread's heap bounds them.
 */

/** Bytes that reading a file of so many bytes may ask for in all, freed or not. */
export const mostBytes = (fileBytes: number): number => 64 * fileBytes + 16 * 2 ** 20;

export interface Meter {
	/** Counts from 0. */
	start(limit: number): void;
	/** Bytes since `start`; above the limit where something was refused. */
	stop(): number;
	/** Puts the constructors back. */
	remove(): void;
}

/** Bytes of an element of a list, as engines hold references on 64 bits. */
const reference = 8;

type Constructor = new (...args: never[]) => object;

const typedArrays = [
	...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
	...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
];

const isWhole = (value: unknown): value is number => typeof value === 'number' && value >= 0;

function sizeOfPart(part: unknown): number {
	if (typeof part === 'string') return part.length;
	if (part instanceof Blob) return part.size;
	return part instanceof ArrayBuffer || ArrayBuffer.isView(part) ? part.byteLength : 0;
}

const sizeOfParts = ([parts]: readonly unknown[]): number =>
	Array.isArray(parts) ? parts.reduce<number>((sum, part) => sum + sizeOfPart(part), 0) : 0;

const sizeOfList =
	(bytes: number) =>
	(args: readonly unknown[]): number => {
		const [first] = args;
		if (isWhole(first)) return args.length === 1 || bytes !== reference ? first * bytes : 0;
		return Array.isArray(first) && bytes !== reference ? first.length * bytes : 0;
	};

export function installMeter(): Meter {
	let asked = 0;
	let limit = Infinity;
	const undo: (() => void)[] = [];
	const count = (bytes: number) => {
		asked += bytes;
		if (asked > limit) throw new RangeError('Array buffer allocation failed');
	};
	const replace = (holder: object, name: string, value: unknown) => {
		const old = Object.getOwnPropertyDescriptor(holder, name);
		if (!old) throw new Error(`there is no ${name} to count`);
		undo.push(() => Object.defineProperty(holder, name, old));
		Object.defineProperty(holder, name, { ...old, value });
	};
	const stand = (original: Constructor, sizeOf: (args: readonly unknown[]) => number) => {
		const proxy: Constructor = new Proxy(original, {
			construct(target, args, newTarget) {
				count(sizeOf(args));
				return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
			},
			apply(target, self, args) {
				count(sizeOf(args));
				return Reflect.apply(target as unknown as () => unknown, self, args);
			},
		});
		replace(globalThis, original.name, proxy);
		return proxy;
	};
	for (const type of typedArrays) {
		const proxy = stand(type, sizeOfList(type.BYTES_PER_ELEMENT));
		// `slice` and `map` make their result by it.
		replace(type.prototype, 'constructor', proxy);
	}
	const buffer = stand(ArrayBuffer, sizeOfList(1));
	replace(ArrayBuffer.prototype, 'constructor', buffer);
	stand(SharedArrayBuffer, sizeOfList(1));
	stand(Array, sizeOfList(reference));
	stand(Blob, sizeOfParts);
	stand(File, sizeOfParts);
	const { arrayBuffer } = Blob.prototype;
	replace(Blob.prototype, 'arrayBuffer', function (this: Blob) {
		count(this.size);
		return arrayBuffer.call(this);
	});
	for (const [name, sizeOf] of textMakers) {
		const original = String.prototype[name] as (...args: unknown[]) => string;
		replace(String.prototype, name, function (this: string, ...args: unknown[]) {
			count(sizeOf(this.length, Number(args[0])));
			return original.apply(this, args);
		});
	}
	return {
		start(bytes) {
			asked = 0;
			limit = bytes;
		},
		stop() {
			limit = Infinity;
			return asked;
		},
		remove() {
			for (const restore of undo.reverse()) restore();
		},
	};
}

const textMakers = [
	['repeat', (length: number, times: number) => length * (times > 0 ? times : 0)],
	['padStart', (_length: number, most: number) => (most > 0 ? most : 0)],
	['padEnd', (_length: number, most: number) => (most > 0 ? most : 0)],
] as const;
