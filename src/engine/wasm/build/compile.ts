/** Compiles the AssemblyScript kernels to wasm, in this process. Used by the Vite plugin only. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `relaxed`: fused multiply-add of relaxed SIMD. `shared`: imports a shared memory. */
export interface Variant {
	readonly relaxed: boolean;
	readonly shared: boolean;
}

/** Sources of the kernels: file name to text. */
export type Sources = ReadonlyMap<string, string>;

/** Reads every `.ts` file of `folder`. */
export async function readSources(folder: string): Promise<Sources> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
	const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
	return new Map(names.map((name, index) => [name, texts[index] ?? '']));
}

function compilerArguments(variant: Variant): string[] {
	return [
		'kernels.ts',
		...['--outFile', 'kernels.wasm'],
		...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
		...['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
		...['--enable', 'simd,threads,bulk-memory' + (variant.relaxed ? ',relaxed-simd' : '')],
		...(variant.shared ? ['--sharedMemory'] : []),
	];
}

/**
 * Compiles `kernels.ts` and what it imports.
 * @throws an error with the compiler's own messages (file, line, column) where a source is wrong.
 */
export async function compileKernels(sources: Sources, variant: Variant): Promise<Uint8Array> {
	const { main } = await import('assemblyscript/asc');
	const messages: string[] = [];
	const written: Uint8Array[] = [];
	const { error } = await main(compilerArguments(variant), {
		stderr: { write: (text: string | Uint8Array) => messages.push(text.toString()) },
		readFile: (name: string) => sources.get(name) ?? null,
		writeFile: (_name: string, content: string | Uint8Array) => {
			if (typeof content !== 'string') written.push(content);
		},
		listFiles: () => [],
	});
	const [binary] = written;
	if (error || !binary) {
		throw new Error(`The wasm kernels do not compile:\n${messages.join('')}`, { cause: error });
	}
	return binary;
}
