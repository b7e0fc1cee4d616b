/** The port of `npm start`. Needs nothing installed. */
import { parseArgs } from 'node:util';

/** Always the same one: a browser keeps models and runs for one address only. */
export const defaultPort = 4173;

/** The port that the arguments of `npm start` name, 0 for any free one; throws where it is none. */
export function readPort(args) {
	const options = { port: { type: 'string', default: String(defaultPort) } };
	const { port } = parseArgs({ args, options }).values;
	const number = Number(port);
	if (port.trim() === '' || !Number.isInteger(number) || number < 0 || number > 65535)
		throw new Error(`--port ${port}: a port is a number from 0 (any free one) to 65535`);
	return number;
}
