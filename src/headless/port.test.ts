/** `npm start` must come back at the same address: the browser's library hangs on it. */
import { describe, expect, it } from 'vitest';
import { defaultPort, readPort } from './port.mjs';

describe('readPort', () => {
	it('takes a fixed port where none is named', () => {
		expect(defaultPort).toBe(4173);
		expect(readPort([])).toBe(defaultPort);
	});

	it.each([
		['0', 0],
		['8080', 8080],
		['65535', 65535],
	])('takes --port %s', (text, port) => {
		expect(readPort(['--port', text])).toBe(port);
	});

	it.each(['', ' ', 'http', '80.5', '-1', '65536'])('refuses --port "%s"', (text) => {
		expect(() => readPort([`--port=${text}`])).toThrow(/a port is a number from 0/);
	});

	it('refuses options that it does not know', () => {
		expect(() => readPort(['--prot', '80'])).toThrow(/--prot/);
	});
});
