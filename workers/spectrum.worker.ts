/** A spectrum thread: eigenvalues for heavy-tail scores. */
import { expose, transfer } from 'comlink';
import type { SpectrumApi } from '../src/contract/workers.ts';
import { symmetricEigenvalues } from '../src/engine/eigenvalues.ts';

/** Nobody speaks to this thread while it works: it is ended from outside. */
const unpaused = () => Promise.resolve();

expose({
	async eigenvalues(matrix, size) {
		const values = await symmetricEigenvalues(Float64Array.from(matrix), size, unpaused);
		return transfer(values, [values.buffer]);
	},
} satisfies SpectrumApi);
