/** `npm run lab -- verify|train|evaluate|library|demo|pretrain-demo ...`: installs and builds what is missing, then hands over to cli.mjs. */
import { ensureBuild, ensureChromium, ensureDependencies } from './install.mjs';
import { fail } from './run.mjs';

async function lab() {
	await ensureDependencies();
	const { parseCommandLine } = await import('./cli.mjs');
	await parseCommandLine(process.argv, async () => {
		await ensureChromium();
		await ensureBuild();
	});
}

lab().catch(fail);
