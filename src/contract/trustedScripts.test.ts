/** Scripts of this origin are workers, nothing else is. */
import { expect, it } from 'vitest';
import { ownScript } from './trustedScripts.ts';

const origin = 'http://localhost:4173';

it.each([`${origin}/assets/trainer.js`, '/assets/trainer.js', 'assets/trainer.js'])(
	'takes %s as it is',
	(url) => {
		expect(ownScript(url, origin)).toBe(url);
	},
);

it.each([
	'https://evil.example/a.js',
	'//evil.example/a.js',
	'http://localhost:4174/a.js',
	'data:text/javascript,1',
	'javascript:1',
])('refuses %s', (url) => {
	expect(() => ownScript(url, origin)).toThrow(expect.objectContaining({ name: 'BadInput' }));
});
