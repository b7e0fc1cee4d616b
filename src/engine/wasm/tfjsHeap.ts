/**
 * The heap of the tfjs wasm backend: our tensors live there beside tfjs' own, so any tfjs kernel can still be
 * applied to them without a copy. One heap per JavaScript context, however many `Ops` are created.
 *
 * With cross-origin isolation tfjs loads its threaded build, whose memory is shared and imported rather than
 * exported; tfjs keeps it to itself, so the `WebAssembly.Memory` it creates is noted while it starts.
 */
import { env, getBackend, setBackend, backend as currentBackend } from '@tensorflow/tfjs-core';
import { canGrow, createHoles } from './holes.ts';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

export interface Heap {
	readonly memory: WebAssembly.Memory;
	readonly shared: boolean;
	/** Address of `bytes` new bytes, or 0 where there are none left. */
	malloc(bytes: number): number;
	/** `bytes` as given to `malloc`. */
	free(address: number, bytes: number): void;
}

interface EmscriptenModule {
	readonly HEAPU8: Uint8Array;
	readonly asm: { readonly memory?: WebAssembly.Memory };
	_malloc(bytes: number): number;
	_free(address: number): void;
}

/** True where memory can be shared between workers. */
export function canShareMemory(): boolean {
	return typeof crossOriginIsolated !== 'undefined' && crossOriginIsolated;
}

let heap: Promise<Heap> | null = null;

/** The heap, started on the first call. `shared` counts then only: a started heap stays as it is. */
export function tfjsHeap(shared: boolean): Promise<Heap> {
	heap ??= startHeap(shared).catch((error: unknown) => {
		heap = null;
		throw error;
	});
	return heap;
}

async function startHeap(shared: boolean): Promise<Heap> {
	// In Node tfjs reads the binaries from its own package.
	if (typeof process === 'undefined' || !('versions' in process)) await setBrowserPaths();
	if (!shared) env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
	// Our helpers are the only threads that compute.
	setThreadsCount(1);
	const previous = getBackend() as string | undefined;
	const { created, result: started } = await noteSharedMemories(() => setBackend('wasm'));
	if (!started)
		throw new Error('tfjs could not start its wasm backend: is WebAssembly SIMD there?');
	// tfjs declares two module types for its two builds; this is what both have.
	const { wasm: module } = currentBackend() as unknown as { wasm: EmscriptenModule };
	if (previous !== undefined && previous !== 'wasm') await setBackend(previous);
	const memory =
		module.asm.memory ?? created.find((candidate) => candidate.buffer === module.HEAPU8.buffer);
	if (memory === undefined) {
		throw new Error(
			'The memory of the tfjs wasm backend is out of reach: it was started before this engine; ' +
				'create the engine first.',
		);
	}
	const holes = createHoles();
	return {
		memory,
		shared: isShared(memory),
		malloc(bytes) {
			if (!canGrow(memory.buffer.byteLength, bytes) && !holes.fits(bytes + 64)) return 0;
			const address = module._malloc(bytes) >>> 0;
			if (address !== 0) holes.take(address, bytes);
			return address;
		},
		free(address, bytes) {
			module._free(address);
			holes.add(address, bytes);
		},
	};
}

function isShared(memory: WebAssembly.Memory): boolean {
	return (
		typeof SharedArrayBuffer !== 'undefined' &&
		(memory.buffer as ArrayBufferLike) instanceof SharedArrayBuffer
	);
}

async function setBrowserPaths(): Promise<void> {
	const [plain, simd, threaded] = await Promise.all([
		import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url'),
		import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url'),
		import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url'),
	]);
	setWasmPaths({
		'tfjs-backend-wasm.wasm': plain.default,
		'tfjs-backend-wasm-simd.wasm': simd.default,
		'tfjs-backend-wasm-threaded-simd.wasm': threaded.default,
	});
}

/** Runs `start` and collects the shared memories created meanwhile. */
async function noteSharedMemories<T>(
	start: () => Promise<T>,
): Promise<{ created: WebAssembly.Memory[]; result: T }> {
	const original = WebAssembly.Memory;
	const created: WebAssembly.Memory[] = [];
	WebAssembly.Memory = new Proxy(original, {
		construct(target, [descriptor]: [WebAssembly.MemoryDescriptor]) {
			const memory = new target(descriptor);
			if (descriptor.shared) created.push(memory);
			return memory;
		},
	});
	try {
		return { created, result: await start() };
	} finally {
		WebAssembly.Memory = original;
	}
}
