/** Times GPU work in Node: calls are encoded one after another, the clock stops when the device is idle. */
import type { Ops } from '../../../src/engine/ops.ts';
import { median } from '../median.ts';

/** A timed round takes at least this long, so that encoding and waiting weigh little. */
const leastMilliseconds = 200;
const rounds = 3;
/** One call this long is a round by itself: nothing else weighs beside it. */
const longMilliseconds = 4000;

async function milliseconds(ops: Ops, call: () => void, count: number): Promise<number> {
	const started = performance.now();
	for (let i = 0; i < count; i++) call();
	await ops.settle();
	return performance.now() - started;
}

/** Median milliseconds of one call, after two that compile and fill pools; of a long call, the second. */
export async function timeCalls(ops: Ops, call: () => void): Promise<number> {
	await milliseconds(ops, call, 1);
	const once = await milliseconds(ops, call, 1);
	if (once >= longMilliseconds) return once;
	const count = Math.max(1, Math.ceil(leastMilliseconds / once));
	const times: number[] = [];
	for (let round = 0; round < rounds; round++)
		times.push((await milliseconds(ops, call, count)) / count);
	return median(times);
}
