/** What a browser is killed in the middle of, and what of it was reported done by then. */
import type { OpenLab } from '../../src/headless/browser.mjs';
import type { Material } from './material.ts';

export const kinds = ['import', 'training', 'checkpoint', 'study', 'deletion', 'export'] as const;
export type Kind = (typeof kinds)[number];

/** What was reported as kept, over all moments so far. */
export interface Promised {
	readonly models: Set<string>;
	/** Newest checkpoint by run. */
	readonly checkpoints: Map<string, number>;
	/** Reported gone. What somebody only began to delete may be there or not, but whole. */
	readonly deleted: Set<string>;
}

export const nothingYet = (): Promised => ({
	models: new Set(),
	checkpoints: new Map(),
	deleted: new Set(),
});

export const updates = 24;

/** The specification of the run that is trained again and again; `often`: with a checkpoint after every update. */
export function trainRequest(lab: OpenLab, material: Material, often: boolean) {
	return {
		resume: null,
		model: { name: 'small', files: lab.share(material.model) },
		dataset: { file: lab.share([material.data])[0], mapping: null },
		changes: {
			data: { packing: 'stream', sequenceLength: 64, rowTokens: 64, heldOut: { rows: 0 } },
			...{ selection: { method: 'full' }, steps: updates, batch: { size: 2, accumulation: 1 } },
			...{ checkpointEvery: often ? 1 : 5, seed: often ? 2 : 1 },
		},
		memory: null,
	};
}

const studyRequest = (seed: number) => ({
	...{ figures: ['figure-1'], own: null, language: null, seeds: [seed] },
	...{ changes: { steps: 6, checkpointEvery: 2 }, items: [0, 1], points: ['front-2'] },
	...{ setting: { cogsymStep: 2, budget: null, adapter: { rank: 16, alpha: 16 } } },
	...{ backend: 'wasm', workers: 1 },
});

export interface StudyRows {
	readonly rows: readonly object[];
	readonly runs: readonly { readonly run: string | null; readonly error: string | null }[];
}

export const study = (lab: OpenLab, seed = 1) =>
	lab.call('study', studyRequest(seed)) as Promise<StudyRows>;

export interface Moment {
	readonly lab: OpenLab;
	readonly material: Material;
	readonly promised: Promised;
	/** Number of the moment. */
	readonly number: number;
	/** Runs there are. */
	readonly runs: readonly string[];
}

/** What makes runs again that were deleted, before it has told of them. */
export const makesRuns: ReadonlySet<Kind> = new Set(['training', 'checkpoint', 'study']);

/** Does one thing of a kind to its end. */
export const activities: Readonly<Record<Kind, (moment: Moment) => Promise<unknown>>> = {
	async import({ lab, material, promised, number }) {
		const files = lab.share(material.another(number));
		const { id } = (await lab.call('importModel', { name: `large ${number}`, files })) as {
			id: string;
		};
		promised.models.add(id);
	},
	training: ({ lab, material }) => lab.call('train', trainRequest(lab, material, false)),
	checkpoint: ({ lab, material }) => lab.call('train', trainRequest(lab, material, true)),
	study: ({ lab }) => study(lab),
	async deletion({ lab, promised, runs }) {
		const asked = [
			...runs.map((id) => ({ kind: 'run', id })),
			...[...promised.models].map((id) => ({ kind: 'model', id })),
		];
		for (const { kind, id } of asked) {
			promised.models.delete(id);
			promised.checkpoints.delete(id);
			await lab.call('remove', { kind, id });
			promised.deleted.add(id);
		}
	},
	async export({ lab, runs }) {
		for (const id of runs) {
			const { record } = (await lab.call('readRun', id)) as {
				record: { checkpointStep: number | null };
			};
			if (record.checkpointStep !== null) await lab.call('exportRun', id);
		}
	},
};
