/** `npm start [-- --port N]`: installs what is missing, builds the page, serves it and prints the address. */
import { ensureBuild, ensureDependencies } from './install.mjs';
import { readPort } from './port.mjs';
import { fail } from './run.mjs';

async function start() {
	const port = readPort(process.argv.slice(2));
	await ensureDependencies();
	await ensureBuild();
	const { startServer } = await import('./server.mjs');
	const { url } = await startServer({ port });
	console.log(`The lab is open at ${url} (stop with Ctrl-C)`);
}

start().catch(fail);
