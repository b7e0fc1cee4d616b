/** The data thread: files, rows, tokens, packed sequences. */
import { dataWork } from '../contract/doing.ts';
import type { DataApi } from '../contract/dataApi.ts';
import { type Connection, connect } from './connect.ts';
import { shortWork, tryAnother } from './patience.ts';

/** Starts a data thread. */
export function openData(): Connection<DataApi> {
	return connect<DataApi>(
		new Worker(new URL('../../workers/data.worker.ts', import.meta.url), {
			type: 'module',
			name: 'data',
		}),
		{ role: 'data thread', works: dataWork, patience: shortWork, advice: tryAnother },
	);
}
