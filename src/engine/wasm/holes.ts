/**
 * Free ranges between the blocks of the heap. tfjs' malloc has no check at 4 GiB: asked to grow beyond, its
 * break wraps around and it hands out memory that is not there. So near the end of the address space a
 * request is passed on only where a known hole can serve it.
 */

interface Range {
	readonly start: number;
	readonly end: number;
}

/** malloc keeps a few bytes between blocks; ranges this close are one hole. */
const gap = 64;
/** What malloc asks for beyond a request: its granularity and its headers. */
const slack = 2 ** 17;
const addressSpace = 2 ** 32;

/** True where growing the heap from `heapBytes` for `bytes` more stays inside the address space. */
export function canGrow(heapBytes: number, bytes: number): boolean {
	return heapBytes + bytes + slack < addressSpace;
}

export interface Holes {
	/** After a block was freed. */
	add(start: number, bytes: number): void;
	/** After a block was handed out. */
	take(start: number, bytes: number): void;
	fits(bytes: number): boolean;
}

export function createHoles(): Holes {
	let holes: Range[] = [];
	return {
		add(start, bytes) {
			let merged: Range = { start, end: start + bytes };
			const apart: Range[] = [];
			for (const hole of holes) {
				const touches = hole.start - merged.end <= gap && merged.start - hole.end <= gap;
				if (!touches) apart.push(hole);
				else
					merged = {
						start: Math.min(hole.start, merged.start),
						end: Math.max(hole.end, merged.end),
					};
			}
			holes = [...apart, merged];
		},
		take(start, bytes) {
			const end = start + bytes;
			if (!holes.some((hole) => hole.start < end && start < hole.end)) return;
			holes = holes.flatMap((hole) => {
				if (hole.end <= start || hole.start >= end) return [hole];
				const rest = [
					{ start: hole.start, end: start },
					{ start: end, end: hole.end },
				];
				return rest.filter((range) => range.end > range.start);
			});
		},
		fits: (bytes) => holes.some((hole) => hole.end - hole.start >= bytes),
	};
}
