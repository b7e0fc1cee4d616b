/** The two Vite plugins: what they refuse and what they change. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileKernels } from './compile.ts';
import { tfjsOneThread } from './tfjsOneThread.ts';

test('a wrong kernel is reported with its file and line', async () => {
	const sources = new Map([['kernels.ts', 'export function f(): i32 {\n\treturn missing;\n}\n']]);
	await expect(compileKernels(sources, { relaxed: false, shared: false })).rejects.toThrow(
		/missing[^]*kernels\.ts\(2,9\)/,
	);
});

test('the threaded tfjs module starts no workers, and another version of it is refused', async () => {
	const file =
		'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
	const source = await readFile(file, 'utf8');
	const { transform } = tfjsOneThread();
	if (typeof transform !== 'function') throw new Error('transform must be a function');
	const transformed = (text: string) =>
		transform.call({} as ThisParameterType<typeof transform>, text, `/${file}`);
	const { code } = transformed(source) as { code: string };
	expect(source).toContain('var pthreadPoolSize=8;');
	expect(code).toContain('var pthreadPoolSize=0;');
	expect(code).toContain('if(numWorkersToLoad===0)removeRunDependency("wasm-instantiate")');
	expect(() => transformed('another version')).toThrow(/not the version that is known/);
});
