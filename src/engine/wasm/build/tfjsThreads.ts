/**
 * Vite plugin that repairs the threaded tfjs wasm build for production. tfjs starts its pthread workers from
 * `factory.toString()`; the factory closes over `_scriptDir`, which a minifier renames outside the
 * function's text, so the workers die with a ReferenceError. Here the variable becomes a property of
 * `globalThis`, which needs no closure.
 */
import type { Plugin } from 'vite';

/** Needed in `plugins` and in `worker.plugins`. */
export function tfjsWasmThreads(): Plugin {
	return {
		name: 'tfjs-wasm-threads',
		enforce: 'pre',
		transform(code, id) {
			if (!/tfjs-backend-wasm-threaded-simd\.js/.test(id)) return null;
			const withoutDeclaration = code.replace(
				/var _scriptDir = [^\n]*\n\s*if \(typeof __filename[^\n]*\n/,
				'',
			);
			return {
				code: withoutDeclaration.replace(/_scriptDir/g, 'globalThis.__tfjsWasmScriptDir'),
				map: null,
			};
		},
	};
}
