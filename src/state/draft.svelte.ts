/** The run being put together: one immutable spec that every panel reads and patches. Survives a reload. */
import type { DataSpec, RunSpec, Selection } from '../contract/spec.ts';
import { initialSpec, parseSpec } from './defaults.ts';
import { recall, remember } from './memory.ts';

export class Draft {
	#spec = $state.raw<RunSpec>(parseSpec(recall('spec')) ?? initialSpec);

	/** Called after every change. */
	onchange: () => void = () => undefined;

	get spec(): RunSpec {
		return this.#spec;
	}

	replace = (spec: RunSpec): void => {
		this.#spec = spec;
		remember('spec', JSON.stringify(spec));
		this.onchange();
	};

	patch = (change: Partial<RunSpec>): void => {
		this.replace({ ...this.#spec, ...change });
	};

	patchData = (change: Partial<DataSpec>): void => {
		this.patch({ data: { ...this.#spec.data, ...change } });
	};

	select = (selection: Selection): void => {
		this.patch({ selection });
	};
}
