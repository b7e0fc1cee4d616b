/** The two Vite plugins: what they refuse and what they change. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileKernels } from './compile.ts';
import { tfjsWasmThreads } from './tfjsThreads.ts';

test('a wrong kernel is reported with its file and line', async () => {
	const sources = new Map([['kernels.ts', 'export function f(): i32 {\n\treturn missing;\n}\n']]);
	await expect(compileKernels(sources, { relaxed: false, shared: false })).rejects.toThrow(
		/missing[^]*kernels\.ts\(2,9\)/,
	);
});

test('the threaded tfjs module no longer closes over _scriptDir', async () => {
	const file =
		'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
	const source = await readFile(file, 'utf8');
	const { transform } = tfjsWasmThreads();
	if (typeof transform !== 'function') throw new Error('transform must be a function');
	const result = transform.call({} as ThisParameterType<typeof transform>, source, `/${file}`);
	const { code } = result as { code: string };
	expect(source).toMatch(/var _scriptDir = /);
	expect(code).not.toMatch(/(?<!__tfjsWasmS|\w)_scriptDir/);
	expect(code).toContain('globalThis.__tfjsWasmScriptDir');
});
