/** A spectrum thread: eigenvalues for heavy-tail scores. */
import { expose, transfer } from 'comlink';
import { spectrumWork } from '../src/contract/doing.ts';
import type { SpectrumApi } from '../src/contract/spectrumApi.ts';
import { symmetricEigenvalues } from '../src/engine/eigenvalues.ts';
import { breathe } from '../src/session/breathe.ts';
import { guarded } from '../src/session/guard.ts';

const api: SpectrumApi = {
	async eigenvalues(matrix, size) {
		const values = await symmetricEigenvalues(Float64Array.from(matrix), size, breathe);
		return transfer(values, [values.buffer]);
	},
};

expose(guarded(api, spectrumWork));
