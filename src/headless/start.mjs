/** `npm start [-- --port N]`: installs what is missing, builds the page, serves it and prints the address. */
import { parseArgs } from 'node:util';
import { ensureBuild, ensureDependencies } from './install.mjs';
import { fail } from './run.mjs';

async function start() {
	const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
	const port = Number(values.port);
	if (!Number.isInteger(port) || port < 0 || port > 65535)
		throw new Error(`--port ${values.port}: a port is a number from 0 (any free one) to 65535`);
	await ensureDependencies();
	await ensureBuild();
	const { startServer } = await import('./server.mjs');
	const { url } = await startServer({ port });
	console.log(`The lab is open at ${url} (stop with Ctrl-C)`);
}

start().catch(fail);
