/** The tests that mutants are tried on: those of the mutated file's own folder, but for what only a browser can run. */
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';
import { assemblyScript } from '../../src/engine/wasm/build/plugin.ts';

/** `src/weights`; of the engine `src/engine/optim`, or the one file and what tests it. */
const { MUTATED = 'src' } = env;

export default defineConfig({
	plugins: [assemblyScript()],
	test: {
		include: [
			MUTATED.endsWith('.ts') ? `${MUTATED.slice(0, -3)}*.test.ts` : `${MUTATED}/**/*.test.ts`,
		],
		exclude: ['**/*.browser.test.ts'],
	},
});
