/** Lets a thread hear: on WASM everything awaited is done already, so no message or timer would ever get in. */
import type { Ops } from '../engine/ops.ts';

/** Resolves after what waits in the thread's queue had its turn: orders to pause or cancel, timers. */
export function breathe(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}

/** The same operations, with a breath after every reading: once an update, a batch scored, or a token generated. */
export function breathing(ops: Ops): Ops {
	return {
		...ops,
		async read(...request) {
			const values = await ops.read(...request);
			await breathe();
			return values;
		},
		async readIntegers(tensor) {
			const values = await ops.readIntegers(tensor);
			await breathe();
			return values;
		},
	};
}
