/**
 * What a browser is told to refuse the page, said once: the local server sends it as headers, the build writes what a
 * document can carry into index.html, and the service worker adds the rest on hosts that send none. Needs nothing installed.
 */

/**
 * Content-Security-Policy. Scripts come from this origin only, none is inline; `wasm-unsafe-eval` lets WebAssembly be
 * compiled and nothing else. Strings become scripts or markup only through the named Trusted Types policies: Svelte's
 * for its own templates, and `default` (trustedScripts.ts), which admits scripts of this origin.
 */
const directives = {
	'default-src': "'none'",
	'script-src': "'self' 'wasm-unsafe-eval'",
	'worker-src': "'self'",
	'style-src': "'self'",
	'img-src': "'self' data: blob:",
	'connect-src': "'self' https:",
	'base-uri': "'none'",
	'form-action': "'none'",
	'require-trusted-types-for': "'script'",
	'trusted-types': 'default svelte-trusted-html',
};

const policy = (all) =>
	Object.entries(all)
		.map(([name, value]) => `${name} ${value}`)
		.join('; ');

/** The policy that a `<meta>` can carry: browsers ignore `frame-ancestors` there. */
export const documentPolicy = policy(directives);

/** Referrers are sent to nobody. A `<meta>` can say it, too. */
export const referrerPolicy = 'no-referrer';

/** Without isolation there is no shared memory, and the wasm backend runs on one thread. */
export const isolationHeaders = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What the page may use of the device: the screen's wake lock during long runs, and copying. */
const permissions = [
	...['accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope'],
	...['hid', 'magnetometer', 'microphone', 'midi', 'payment', 'serial', 'usb'],
	...['browsing-topics', 'publickey-credentials-get', 'xr-spatial-tracking'],
];

/** Everything, as headers of every answer: documents, scripts and the scripts of workers. */
export const securityHeaders = {
	...isolationHeaders,
	'Content-Security-Policy': `${documentPolicy}; frame-ancestors 'none'`,
	'Referrer-Policy': referrerPolicy,
	'Permissions-Policy': permissions.map((name) => `${name}=()`).join(', '),
	'Cross-Origin-Resource-Policy': 'same-origin',
	'X-Content-Type-Options': 'nosniff',
};
