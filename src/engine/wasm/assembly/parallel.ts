// Runs numbered items of one task on this thread and on helper threads that share the memory.
//
// Control block (shared memory): `ticket` holds epoch << 32 | items left. An item is taken by lowering the
// ticket with compare-exchange, so a late helper can never take an item of a job it did not see, and the
// arguments cannot change before every taken item is counted in `finished`. Which thread computes an item is
// left open; what an item computes and writes is not, so results do not depend on the number of threads.
// A helper that traps sets `FAILED`: its item is never finished, and whoever waits for it traps, too.
import { execute } from './kernels';

const TICKET: usize = 0;
const FINISHED: usize = 64;
const WAKE: usize = 128;
const SLEEPERS: usize = 132;
const STOP: usize = 136;
const FAILED: usize = 140;
const TASK: usize = 192;
const COUNT: usize = 196;
const ARGUMENTS: usize = 256;

/** Polls before a thread goes to sleep: longer than the gap between two kernels, far shorter than a step. */
const SPINS: i32 = 20000;

let control: usize = 0;
let thread: i32 = 0;

/** Must be called once per instance. Thread 0 is the one that calls `run`. */
export function setup(block: usize, index: i32): void {
	control = block;
	thread = index;
}

@inline
export function int(slot: usize): i32 {
	return load<i32>(control + ARGUMENTS + (slot << 2));
}

@inline
export function pointer(slot: usize): usize {
	return load<u32>(control + ARGUMENTS + (slot << 2));
}

@inline
export function float(slot: usize): f32 {
	return load<f32>(control + ARGUMENTS + (slot << 2));
}

/** This thread's part of the scratch memory at `slot` (address) and `slot + 1` (bytes per thread). */
@inline
export function scratch(slot: usize): usize {
	return pointer(slot) + <usize>thread * pointer(slot + 1);
}

/** Takes items until none is left. */
function drain(): void {
	while (true) {
		const ticket = atomic.load<i64>(control, TICKET);
		const left = <i32>ticket;
		if (left == 0) return;
		if (atomic.cmpxchg<i64>(control, ticket, ticket - 1, TICKET) != ticket) continue;
		const count = load<i32>(control, COUNT);
		execute(load<i32>(control, TASK), count - left);
		if (atomic.add<i32>(control, 1, FINISHED) + 1 == count) atomic.notify(control + FINISHED, 1);
	}
}

/** Runs items 0 to count - 1 of `task` and returns when all are done. */
export function run(task: i32, count: i32, helpers: i32, mayBlock: bool): void {
	if (ASC_FEATURE_THREADS) {
		if (helpers > 0 && count > 1) {
			share(task, count, helpers, mayBlock);
			return;
		}
	}
	for (let item = 0; item < count; item++) execute(task, item);
}

function share(task: i32, count: i32, helpers: i32, mayBlock: bool): void {
	store<i32>(control, task, TASK);
	store<i32>(control, count, COUNT);
	atomic.store<i32>(control, 0, FINISHED);
	const epoch = (atomic.load<i64>(control, TICKET) >> 32) + 1;
	atomic.store<i64>(control, (epoch << 32) | <i64>count, TICKET);
	atomic.add<i32>(control, 1, WAKE);
	if (atomic.load<i32>(control, SLEEPERS) > 0) atomic.notify(control + WAKE, helpers);
	drain();
	let spins = 0;
	let finished = atomic.load<i32>(control, FINISHED);
	while (finished != count) {
		if (atomic.load<i32>(control, FAILED) != 0) unreachable();
		if (mayBlock && ++spins > SPINS) atomic.wait<i32>(control + FINISHED, finished, 1000000);
		finished = atomic.load<i32>(control, FINISHED);
	}
}

/** A helper's whole life: returns after `stop`. */
export function serve(): void {
	if (ASC_FEATURE_THREADS) {
		while (atomic.load<i32>(control, STOP) == 0) {
			const seen = atomic.load<i32>(control, WAKE);
			drain();
			let spins = 0;
			while (atomic.load<i32>(control, WAKE) == seen && spins < SPINS) spins++;
			if (spins < SPINS) continue;
			atomic.add<i32>(control, 1, SLEEPERS);
			atomic.wait<i32>(control + WAKE, seen, -1);
			atomic.sub<i32>(control, 1, SLEEPERS);
		}
	}
}

/** A helper cannot go on: ends the wait for what it has taken. */
export function fail(): void {
	if (ASC_FEATURE_THREADS) {
		atomic.store<i32>(control, 1, FAILED);
		atomic.notify(control + FINISHED, 1);
	}
}

/** Ends every helper's `serve`. */
export function stop(helpers: i32): void {
	if (ASC_FEATURE_THREADS) {
		atomic.store<i32>(control, 1, STOP);
		atomic.add<i32>(control, 1, WAKE);
		atomic.notify(control + WAKE, helpers);
	}
}
