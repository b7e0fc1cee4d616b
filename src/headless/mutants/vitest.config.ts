/** The tests that mutants are tried on: the unit project, and those of plan and optimizers, which need no device. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: [
			'{src,workers}/**/*.test.ts',
			// Listed one by one: other tests of the engine start devices.
			'src/engine/plan{,Bytes}.test.ts',
			'src/engine/optim/*.test.ts',
		],
		exclude: [
			'src/engine/!(optim)/**/*.test.ts',
			'src/engine/!(plan|planBytes).test.ts',
			'src/{ui,state,headless,clients}/**',
			'**/*.device.test.ts',
			'**/*.browser.test.ts',
		],
	},
});
