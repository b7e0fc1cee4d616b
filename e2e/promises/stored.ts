/** What a profile holds, taken from its database by other means than the lab's own, inside the page. */
import type { Page } from 'playwright';

export interface Stored {
	readonly models: readonly string[];
	readonly runs: readonly {
		readonly id: string;
		readonly status: string;
		readonly checkpointStep: number | null;
		readonly losses: readonly number[];
		readonly checkpoints: readonly number[];
	}[];
	/** Chunks that something refers to and that are missing, or have another length or sha-256. */
	readonly broken: readonly string[];
	/** Chunks that nothing refers to. */
	readonly orphans: number;
}

export function readStored(page: Page): Promise<Stored> {
	return page.evaluate(readDatabase);
}

async function readDatabase(): Promise<Stored> {
	interface Reference {
		readonly hash: string;
		readonly size: number;
	}
	interface Owner {
		readonly chunks: readonly Reference[];
	}
	const asked = <Value>(request: IDBRequest<Value>) =>
		new Promise<Value>((resolve, reject) => {
			request.onsuccess = () => {
				resolve(request.result);
			};
			request.onerror = () => {
				reject(new Error(String(request.error)));
			};
		});
	const database = await asked(indexedDB.open('cogsym-lab'));
	const store = (name: string) => database.transaction(name).objectStore(name);
	const all = async <Value>(name: string) => (await asked(store(name).getAll())) as Value[];
	const models = await all<{ id: string; files: readonly Owner[] }>('models');
	const datasets = await all<Owner>('datasets');
	const runs = await all<{ id: string; status: string; checkpointStep: number | null }>('runs');
	const checkpoints = await all<{ runId: string; step: number; tensors: readonly Owner[] }>(
		'checkpoints',
	);
	const metrics = await all<{ loss: number }>('metrics');
	const metricKeys = (await asked(store('metrics').getAllKeys())) as [string, number][];
	const owners = [
		...models.flatMap(({ files }) => files),
		...datasets,
		...checkpoints.flatMap(({ tensors }) => tensors),
	];
	const references = new Map(
		owners.flatMap(({ chunks }) => chunks.map(({ hash, size }) => [hash, size] as const)),
	);
	const broken: string[] = [];
	for (const [hash, size] of references) {
		const bytes = (await asked(store('chunks').get(hash)).catch(() => undefined)) as
			ArrayBuffer | undefined;
		const digest = bytes && new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
		const hex = digest && Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
		if (bytes?.byteLength !== size || hex !== hash) broken.push(hash);
	}
	const kept = (await asked(store('chunks').getAllKeys())) as string[];
	database.close();
	return {
		models: models.map(({ id }) => id),
		runs: runs.map(({ id, status, checkpointStep }) => ({
			...{ id, status, checkpointStep },
			losses: metrics.filter((_, at) => metricKeys[at]?.[0] === id).map(({ loss }) => loss),
			checkpoints: checkpoints.filter(({ runId }) => runId === id).map(({ step }) => step),
		})),
		broken,
		orphans: kept.filter((hash) => !references.has(hash)).length,
	};
}
