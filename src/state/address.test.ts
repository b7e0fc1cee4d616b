import { expect, test } from 'vitest';
import { refusedAddress } from './address.ts';

const at = (address: string, secure: boolean) => refusedAddress(new URL(address), secure);

test('an address that the browser does not trust is named, with the ones that it does', () => {
	const refusal = at('http://192.168.1.7:4173/', false)!;
	expect(refusal.message).toContain('http://192.168.1.7:4173 is neither');
	expect(refusal.message).toContain('The fault is the address');
	expect(refusal.advice).toContain('open it at http://localhost:4173.');
	expect(refusal.advice).toContain('https');
	expect(refusal.advice).toContain('ssh -L 4173:localhost:4173');
	expect(at('http://lab.example/', false)?.advice).toContain('open it at http://localhost.');
});

test('a trusted one is not', () => {
	expect(at('http://localhost:4173/', true)).toBeNull();
	expect(at('https://lab.example/', true)).toBeNull();
});
