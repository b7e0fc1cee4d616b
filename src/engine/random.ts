/** The one seeded generator: counter-based, so its whole state is two integers. */

export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform integer in [0, bound). */
	integer(bound: number): number;
	/** Numbers drawn so far; `createRandom(seed, counter)` continues from there. */
	readonly counter: number;
}

/** The seed's part of `randomBits`, 32 bits without sign. */
export const seedKey = (seed: number): number => Math.imul(seed + 0x7f4a7c15, 0x85ebca6b) >>> 0;

/** Mixes seed and counter to 32 well-distributed bits without sign (two rounds of the murmur3 finaliser). */
export function randomBits(seed: number, counter: number): number {
	let x = (Math.imul(counter + 1, 0x9e3779b1) ^ seedKey(seed)) >>> 0;
	for (let round = 0; round < 2; round++) {
		x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
		x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
		x = (x ^ (x >>> 16)) >>> 0;
	}
	return x;
}

export function createRandom(seed: number, counter = 0): Random {
	let drawn = counter;
	// 53 bits from two 32-bit words.
	const next = () => {
		const high = randomBits(seed, 2 * drawn) >>> 5;
		const low = randomBits(seed, 2 * drawn + 1) >>> 6;
		drawn++;
		return (high * 67108864 + low) / 9007199254740992;
	};
	return {
		next,
		integer: (bound) => Math.floor(next() * bound),
		get counter() {
			return drawn;
		},
	};
}

/** Standard normal, of two draws (Box and Muller 1958). */
export function normal(random: Random): number {
	const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
	return radius * Math.cos(2 * Math.PI * random.next());
}

/** Fisher-Yates permutation of 0..count-1. */
export function permutation(count: number, random: Random): Int32Array {
	const order = Int32Array.from({ length: count }, (_, i) => i);
	for (let i = count - 1; i > 0; i--) {
		const j = random.integer(i + 1);
		const swapped = order[i] ?? 0;
		order[i] = order[j] ?? 0;
		order[j] = swapped;
	}
	return order;
}
