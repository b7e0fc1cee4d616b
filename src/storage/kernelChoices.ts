/** Keeps which kernels were the fastest on an adapter, so that they are timed once and not at every start. */
import { openDatabase, type LabDatabase } from './database.ts';
import { withRoom } from './quota.ts';

export interface KernelChoices {
	/** What was kept under the key, unchecked; undefined where nothing was. */
	get(key: string): Promise<unknown>;
	set(key: string, choice: unknown): Promise<void>;
}

/** Never rejects: without a database the kernels are timed again, and whoever needs the database is told why elsewhere. */
export function kernelChoices(open: () => Promise<LabDatabase> = openDatabase): KernelChoices {
	const attempt = async <T>(work: (db: LabDatabase) => Promise<T>): Promise<T | undefined> => {
		try {
			return await work(await open());
		} catch {
			return undefined;
		}
	};
	return {
		get: (key) => attempt((db) => db.get('kernelChoices', key)),
		set: async (key, choice) => {
			await attempt((db) =>
				withRoom('the fastest kernels', 0, () => db.put('kernelChoices', choice, key)),
			);
		},
	};
}
