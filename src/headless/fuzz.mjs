/** `npm run fuzz [-- --target NAME,NAME] [--count N] [--seed N] [--json FILE]`: spoilt files for every reader (src/fuzz). */
import { parseArgs } from 'node:util';
import { ensureDependencies } from './install.mjs';
import { fail } from './run.mjs';
import { withTypeScript } from './typescript.mjs';

function whole(name, text, least) {
	const value = Number(text);
	if (Number.isSafeInteger(value) && value >= least) return value;
	throw new Error(`--${name} ${text}: a whole number of at least ${least} is needed`);
}

async function fuzz() {
	const options = {
		target: { type: 'string', default: '' },
		count: { type: 'string', default: '100000' },
		seed: { type: 'string', default: '1' },
		json: { type: 'string' },
	};
	const { target, count, seed, json = null } = parseArgs({ options }).values;
	const numbers = { count: whole('count', count, 1), seed: whole('seed', seed, 0) };
	await ensureDependencies();
	const kinds = await withTypeScript(async (load) => {
		const { run } = await load('/src/fuzz/command.ts');
		return run({ target, ...numbers, json });
	});
	if (kinds > 0) throw new Error(`${kinds} kinds of faults; a case of each is in src/fuzz/cases`);
}

fuzz().then(() => process.exit(), fail);
