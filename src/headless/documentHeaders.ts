/** Vite plugin: what a document itself can carry of the security headers, for hosts that send none. */
import type { Plugin } from 'vite';
import { documentPolicy, referrerPolicy } from './securityHeaders.mjs';

/** Only of a build: while developing, Vite's own client is an inline script. */
export function documentHeaders(): Plugin {
	return {
		name: 'document-headers',
		apply: 'build',
		transformIndexHtml: () =>
			[
				{ 'http-equiv': 'Content-Security-Policy', content: documentPolicy },
				{ name: 'referrer', content: referrerPolicy },
			].map((attrs) => ({ tag: 'meta', attrs, injectTo: 'head-prepend' as const })),
	};
}
