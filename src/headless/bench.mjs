/** `npm run bench -- NAME [--json FILE] [--only ROW] [--rounds N] [--all]`: runs e2e/bench/NAME.ts, which Vite turns into JavaScript. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium, ensureDependencies, projectRoot } from './install.mjs';
import { fail } from './run.mjs';
import { withTypeScript } from './typescript.mjs';

function readArguments() {
	const options = {
		json: { type: 'string' },
		only: { type: 'string' },
		rounds: { type: 'string' },
		all: { type: 'boolean', default: false },
	};
	const { values, positionals } = parseArgs({ options, allowPositionals: true });
	const [name] = positionals;
	if (!name || !existsSync(join(projectRoot, 'e2e/bench', `${name}.ts`)))
		throw new Error(
			`There is no bench named ${name ?? '""'}; try: npm run bench -- engine --json FILE`,
		);
	const rounds = values.rounds === undefined ? null : Number(values.rounds);
	if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
		throw new Error(
			`--rounds ${values.rounds ?? ''}: a whole number of steps is needed, 1 or more`,
		);
	return { name, json: values.json ?? null, only: values.only ?? '', rounds, all: values.all };
}

async function bench() {
	const { name, ...options } = readArguments();
	await ensureDependencies();
	await ensureChromium();
	await withTypeScript(async (load) => {
		const { run } = await load(`/e2e/bench/${name}.ts`);
		await run(options);
	});
}

// Dawn, where a bench has used it, keeps the event loop alive.
bench().then(() => process.exit(), fail);
