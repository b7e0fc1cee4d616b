/** The store thread: imports, listings, deletion, export. */
import type { StoreApi } from '../contract/workers.ts';
import { type Connection, connect } from './connect.ts';

/** Starts a store thread. */
export function openStore(): Connection<StoreApi> {
	return connect<StoreApi>(
		new Worker(new URL('../../workers/store.worker.ts', import.meta.url), {
			type: 'module',
			name: 'store',
		}),
		'store thread',
	);
}
