/** The store thread: imports, listings, deletion, export. */
import { storeWork } from '../contract/doing.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { type Connection, connect } from './connect.ts';
import { shortWork, tryAnother } from './patience.ts';

/** Starts a store thread. */
export function openStore(): Connection<StoreApi> {
	return connect<StoreApi>(
		new Worker(new URL('../../workers/store.worker.ts', import.meta.url), {
			type: 'module',
			name: 'store',
		}),
		{ role: 'store thread', works: storeWork, patience: shortWork, advice: tryAnother },
	);
}
