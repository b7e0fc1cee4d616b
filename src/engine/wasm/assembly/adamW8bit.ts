// AdamW with 8-bit states, as in bitsandbytes; where states and maps lie: ../../kernels/adamW8bit.
import { float, int, pointer, scratch } from './parallel';

const BLOCK = 256;
const BLOCK_BYTES: usize = 520;
const SECOND_CODES: usize = 256;
const LARGEST: usize = 512;
/** Bytes of a map. */
const MAP: usize = 1024;
/** Where guessed codes lie in scratch, behind a block's moments. */
const GUESSES: usize = 2048;
const BLOCKS_PER_ITEM = 16;

/**
 * Of four numbers in [0, 1], what they are among a map's values >= 0, at most 1 off: decade d of the map, from
 * 10^(d - 7) on, has 2^d << unsigned values in the middles of as many equal parts.
 */
@inline
function guess(x: v128, unsigned: i32): v128 {
	let scale = f32x4.splat(1e6);
	let parts = f32x4.splat(<f32>(1 << unsigned));
	let border: f32 = 1e-6;
	for (let decade = 1; decade < 7; decade++) {
		const above = f32x4.ge(x, f32x4.splat(border));
		scale = v128.bitselect(f32x4.mul(scale, f32x4.splat(0.1)), scale, above);
		parts = v128.bitselect(f32x4.add(parts, parts), parts, above);
		border *= 10;
	}
	const along = f32x4.sub(f32x4.mul(x, scale), f32x4.splat(0.1));
	const part = i32x4.trunc_sat_f32x4_s(f32x4.mul(along, f32x4.mul(parts, f32x4.splat(1.11111116))));
	const count = i32x4.trunc_sat_f32x4_s(parts);
	const inside = i32x4.max_s(i32x4.min_s(part, i32x4.sub(count, i32x4.splat(1))), i32x4.splat(0));
	return i32x4.add(i32x4.sub(count, i32x4.splat(unsigned)), inside);
}

/** Number of the value nearest to x among a map's values >= 0, from one that is at most 1 off and not the last. */
@inline
function nearest(values: usize, x: f32, guessed: i32): i32 {
	const at = values + (<usize>guessed << 2);
	const value = load<f32>(at);
	const lower: f32 = 0.5 * (load<f32>(at - 4) + value);
	const upper: f32 = 0.5 * (load<f32>(at, 4) + value);
	return guessed - i32(x < lower) + i32(x > upper);
}

/** Code of a first moment of magnitude number `place`: never of the other sign, and there is no -1. */
@inline
function signedCode(moment: f32, place: i32): i32 {
	return reinterpret<i32>(moment) < 0 ? 127 - min(max(place, 1), 127) : 127 + place;
}

/** Task: 16 blocks. 0 parameter, 1 gradient, 2 states, 3 size, 4 maps, 5 and on: see `move`, 13 and 14 scratch. */
export function adamW8bitItem(item: i32): void {
	const size = int(3);
	const last = min(size, (item + 1) * BLOCKS_PER_ITEM * BLOCK);
	for (let start = item * BLOCKS_PER_ITEM * BLOCK; start < last; start += BLOCK) {
		const states = pointer(2) + <usize>(start / BLOCK) * BLOCK_BYTES;
		const count = min(BLOCK, size - start);
		move(<usize>start << 2, states, count);
		quantise(states, count);
	}
}

/**
 * New moments into scratch, largest magnitudes into the states, and the step. 5 clipping factor, 6 beta1, 7 1 - beta1,
 * 8 beta2, 9 1 - beta2, 10 rate, 11 floor, 12 keep (parameters.ts).
 */
function move(at: usize, states: usize, count: i32): void {
	const moments = scratch(13);
	const firstScale = load<f32>(states, LARGEST);
	const secondScale = load<f32>(states, LARGEST + 4);
	let firstLargest: f32 = 0;
	let secondLargest: f32 = 0;
	for (let i: usize = 0; i < <usize>count; i++) {
		const place = at + (i << 2);
		const g = load<f32>(pointer(1) + place) * float(5);
		const firstCode = <usize>load<u8>(states + i);
		const secondCode = <usize>load<u8>(states + i, SECOND_CODES);
		const oldFirst = load<f32>(pointer(4) + (firstCode << 2)) * firstScale;
		const oldSecond = load<f32>(pointer(4) + (secondCode << 2), MAP) * secondScale;
		const first = oldFirst * float(6) + float(7) * g;
		const second = oldSecond * float(8) + float(9) * g * g;
		firstLargest = max(firstLargest, abs(first));
		secondLargest = max(secondLargest, second);
		f32.store(moments + (i << 2), first);
		f32.store(moments + (i << 2), second, MAP);
		const moved = load<f32>(pointer(0) + place) - float(10) * (first / (sqrt(second) + float(11)));
		f32.store(pointer(0) + place, moved * float(12));
	}
	f32.store(states, firstLargest, LARGEST);
	f32.store(states, secondLargest, LARGEST + 4);
}

/** Codes of the moments in scratch. In a block of zeros every code stands for 0. */
function quantise(states: usize, count: i32): void {
	const shares = scratch(13);
	const firstLargest = load<f32>(states, LARGEST);
	const secondLargest = load<f32>(states, LARGEST + 4);
	const firstScale = f32x4.splat(firstLargest == 0 ? 1 : firstLargest);
	const secondScale = f32x4.splat(secondLargest == 0 ? 1 : secondLargest);
	// Behind the last element of a short block lies what nobody reads.
	for (let at = shares; at < shares + (<usize>count << 2); at += 16) {
		const first = f32x4.div(v128.load(at), firstScale);
		const second = f32x4.div(v128.load(at, MAP), secondScale);
		v128.store(at, first);
		v128.store(at, second, MAP);
		v128.store(at, guess(f32x4.abs(first), 0), GUESSES);
		v128.store(at, guess(second, 1), GUESSES + MAP);
	}
	const signed = pointer(4) + 127 * 4;
	const unsigned = pointer(4) + MAP;
	for (let i: usize = 0; i < <usize>count; i++) {
		const at = shares + (i << 2);
		const first = load<f32>(at);
		const place = nearest(signed, abs(first), load<i32>(at, GUESSES));
		i32.store8(states + i, signedCode(first, place));
		const second = nearest(unsigned, load<f32>(at, MAP), load<i32>(at, GUESSES + MAP));
		i32.store8(states + i, second, SECOND_CODES);
	}
}
