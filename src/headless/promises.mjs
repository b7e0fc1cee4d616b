/**
 * `npm run promises [-- --moments N] [--fills N] [--seed S] [--json FILE]`: kills the browser at random moments of import,
 * training, checkpoint, study, deletion and export, fills small disks (as root, on Linux) in the middle of writes, and says
 * whether anything that was kept is lost (e2e/promises).
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureChromium, ensureDependencies } from './install.mjs';
import { fail } from './run.mjs';
import { withTypeScript } from './typescript.mjs';

function readArguments() {
	const options = {
		moments: { type: 'string', default: '200' },
		seed: { type: 'string', default: '1' },
		fills: { type: 'string', default: '10' },
		json: { type: 'string' },
	};
	const { values } = parseArgs({ options });
	const whole = (name) => {
		const value = Number(values[name]);
		if (!(Number.isInteger(value) && value >= 0))
			throw new Error(`--${name} ${values[name]}: a whole number is needed, 0 or more`);
		return value;
	};
	const [moments, fills, seed] = ['moments', 'fills', 'seed'].map(whole);
	return { moments, fills, seed, json: values.json ?? null };
}

async function promises() {
	const { json, ...options } = readArguments();
	await ensureDependencies();
	await ensureChromium();
	await ensureBuild();
	await withTypeScript(async (load) => {
		const { prove } = await load('/e2e/promises/main.ts');
		const { text, result } = await prove(options);
		if (json !== null) writeFileSync(json, `${JSON.stringify(result, null, '\t')}\n`);
		console.log(text);
		if (result.faults.length > 0) process.exitCode = 1;
	});
}

promises().catch(fail);
