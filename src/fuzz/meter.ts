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

/** Puts something in place of what is there; `undo` takes it back. */
function replace(undo: (() => void)[], holder: object, name: string, value: unknown): void {
	const old = Object.getOwnPropertyDescriptor(holder, name);
	if (!old) throw new Error(`there is no ${name} to count`);
	undo.push(() => Object.defineProperty(holder, name, old));
	Object.defineProperty(holder, name, { ...old, value });
}

type Count = (bytes: number) => void;

/** Something that constructs and calls as `original` does, and counts first. */
function counted(
	original: Constructor,
	count: Count,
	sizeOf: (args: readonly unknown[]) => number,
): Constructor {
	const proxy: Constructor = new Proxy(original, {
		construct(target, args, newTarget) {
			count(sizeOf(args));
			return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
		},
		apply(target, self, args): unknown {
			count(sizeOf(args));
			return Reflect.apply(target as unknown as () => unknown, self, args);
		},
	});
	return proxy;
}

const counters: readonly (readonly [Constructor, (args: readonly unknown[]) => number])[] = [
	...typedArrays.map((type) => [type, sizeOfList(type.BYTES_PER_ELEMENT)] as const),
	[ArrayBuffer, sizeOfList(1)],
	[SharedArrayBuffer, sizeOfList(1)],
	[Array, sizeOfList(reference)],
	[Blob, sizeOfParts],
	[File, sizeOfParts],
];

/** Whose `slice` and `map` make their result by the constructor that the prototype names. */
const makers: readonly Constructor[] = [...typedArrays, ArrayBuffer];

/** Methods that make something long: whose they are, and how long it is. */
const methods: readonly (readonly [object, string, (self: unknown, first: unknown) => number])[] = [
	[String.prototype, 'repeat', (self, times) => String(self).length * Math.max(0, Number(times))],
	[String.prototype, 'padStart', (_self, most) => Math.max(0, Number(most))],
	[String.prototype, 'padEnd', (_self, most) => Math.max(0, Number(most))],
	[Blob.prototype, 'arrayBuffer', (self) => (self as Blob).size],
];

export function installMeter(): Meter {
	let asked = 0;
	let limit = Infinity;
	const undo: (() => void)[] = [];
	const count: Count = (bytes) => {
		asked += bytes;
		if (asked > limit) throw new RangeError('Array buffer allocation failed');
	};
	for (const [original, sizeOf] of counters) {
		const proxy = counted(original, count, sizeOf);
		replace(undo, globalThis, original.name, proxy);
		if (makers.includes(original))
			replace(undo, original.prototype as object, 'constructor', proxy);
	}
	for (const [holder, name, sizeOf] of methods) {
		const original = Reflect.get(holder, name) as (...args: unknown[]) => unknown;
		replace(undo, holder, name, function (this: unknown, ...args: unknown[]) {
			count(sizeOf(this, args[0]));
			return Reflect.apply(original, this, args);
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
