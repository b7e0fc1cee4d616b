/** The lab's one way to the network; a lint rule refuses every other. */
import { namedError } from './errors.ts';

/**
 * Fetches an address of this origin, or of a host that the user named for this purpose. No redirect is followed: it could
 * lead to a host that nobody named. Rejects with `BadInput` naming the host, before anything is sent.
 */
export async function guardedFetch(
	url: string | URL,
	headers: Readonly<Record<string, string>> = {},
	namedHosts: readonly string[] = [],
): Promise<Response> {
	const { origin } = globalThis.location;
	const target = new URL(url, origin);
	const named = target.protocol === 'https:' && namedHosts.includes(target.host);
	if (target.origin !== origin && !named)
		throw namedError(
			'BadInput',
			`Nothing is fetched from ${target.host || target.protocol}: only this page's own address and hosts that you ` +
				'named, over https, are asked',
		);
	return fetch(target, { headers, redirect: 'error', referrerPolicy: 'no-referrer' });
}
