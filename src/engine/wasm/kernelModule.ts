/** Chooses and compiles the build of the kernels that fits this browser and the heap. */

/** Exports of assembly/kernels.ts. */
export interface KernelExports {
	/** Tells an instance where the control block is and which thread it runs on. */
	setup(controlBlock: number, thread: number): void;
	/** Runs items 0 to `items` - 1 of a task, alone or with helpers; returns when all are done. Traps where a helper did. */
	run(task: number, items: number, helpers: number, mayBlock: boolean): void;
	serve(): void;
	/** Tells the thread that waits for this one that it cannot go on. */
	fail(): void;
	stop(helpers: number): void;
}

/** (param v128 v128 v128) (result v128) with f32x4.relaxed_madd: valid where relaxed SIMD is known. */
const relaxedProbe = Uint8Array.of(
	...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
	...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
	...[0x03, 0x02, 0x01, 0x00],
	...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
);

export function hasRelaxedSimd(): boolean {
	return WebAssembly.validate(relaxedProbe);
}

function importBinary(relaxed: boolean, shared: boolean): Promise<{ default: string }> {
	if (relaxed) {
		return shared
			? import('./assembly/kernels.ts?wasm=relaxed,shared')
			: import('./assembly/kernels.ts?wasm=relaxed');
	}
	return shared
		? import('./assembly/kernels.ts?wasm=plain,shared')
		: import('./assembly/kernels.ts?wasm=plain');
}

export async function compileKernels(
	relaxed: boolean,
	shared: boolean,
): Promise<WebAssembly.Module> {
	const { default: base64 } = await importBinary(relaxed, shared);
	const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
	return WebAssembly.compile(bytes);
}

/** An instance on the heap's memory. */
export async function instantiateKernels(
	module: WebAssembly.Module,
	memory: WebAssembly.Memory,
): Promise<KernelExports> {
	const instance = await WebAssembly.instantiate(module, { env: { memory } });
	// The binary is ours: its exports are those of assembly/kernels.ts.
	return instance.exports as unknown as KernelExports;
}
