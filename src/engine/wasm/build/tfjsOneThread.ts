/**
 * Vite plugin: the threaded tfjs build, which is taken for its shared memory, starts none of its eight pthread workers.
 * The lab's own helpers compute, tfjs is told to use one thread, and its workers are started from `blob:` scripts, which
 * the page's Content-Security-Policy would have to admit. Throws where tfjs is not as it was in 4.22.0.
 */
import type { Plugin } from 'vite';

const changes = [
	// Emscripten's pool, filled before the module is compiled ...
	['var pthreadPoolSize=8;', 'var pthreadPoolSize=0;'],
	// ... and waited for: an empty one is never waited for to the end.
	[
		'var numWorkersToLoad=PThread.unusedWorkers.length;',
		'var numWorkersToLoad=PThread.unusedWorkers.length;if(numWorkersToLoad===0)removeRunDependency("wasm-instantiate");',
	],
] as const;

/** Needed in `plugins` and in `worker.plugins`. */
export function tfjsOneThread(): Plugin {
	return {
		name: 'tfjs-one-thread',
		enforce: 'pre',
		transform(code, id) {
			if (!/tfjs-backend-wasm-threaded-simd\.js/.test(id)) return null;
			return { code: changes.reduce(replaceOnce, code), map: null };
		},
	};
}

function replaceOnce(code: string, [from, to]: (typeof changes)[number]): string {
	if (code.split(from).length !== 2)
		throw new Error(
			`tfjs-backend-wasm is not the version that is known: "${from}" is not in it once`,
		);
	return code.replace(from, to);
}
