/** The data thread: files, rows, tokens, packed sequences. */
import { expose, transfer } from 'comlink';
import { dataWork } from '../src/contract/doing.ts';
import type { DataApi } from '../src/contract/dataApi.ts';
import { createData } from '../src/session/data.ts';
import { guarded } from '../src/session/guard.ts';

const data = createData();

const api: DataApi = {
	...data,
	async prepare(...request) {
		const prepared = await data.prepare(...request);
		const blocks = [prepared.train, prepared.heldOut].filter((block) => block !== null);
		const buffers = blocks.flatMap(({ inputIds, targets, positions }) =>
			[inputIds, targets, ...(positions ? [positions] : [])].map(({ buffer }) => buffer),
		);
		return transfer(prepared, buffers);
	},
};

expose(guarded(api, dataWork));
