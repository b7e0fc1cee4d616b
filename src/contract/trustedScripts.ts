/**
 * The only way from a string to a script: under `require-trusted-types-for 'script'` a browser asks the policy `default`
 * whenever a worker is started from an address. Every thread that starts workers has to call this first.
 */
import { namedError } from './errors.ts';

interface PolicyRules {
	createScriptURL(url: string): string;
}

interface TrustedTypes {
	createPolicy(name: string, rules: PolicyRules): unknown;
	readonly defaultPolicy: unknown;
}

/** `url` where it is of this origin. Throws `BadInput` for any other, as no script is ever taken from elsewhere. */
export function ownScript(url: string, origin: string): string {
	if (new URL(url, origin).origin === origin) return url;
	throw namedError('BadInput', `${url} is no script of this page (${origin}); it is not run`);
}

/** Admits workers of this origin. Does nothing where the browser has no Trusted Types, or where it was called before. */
export function trustOwnScripts(): void {
	const { trustedTypes, location } = globalThis as {
		trustedTypes?: TrustedTypes;
	} & typeof globalThis;
	if (!trustedTypes || trustedTypes.defaultPolicy) return;
	trustedTypes.createPolicy('default', {
		createScriptURL: (url) => ownScript(url, location.origin),
	});
}
