/** Service worker of hosts that send no headers: it adds them to every answer of this origin, scripts of workers included. */
import { securityHeaders } from '../src/headless/securityHeaders.mjs';

const scope = globalThis as unknown as ServiceWorkerGlobalScope;

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => {
	event.waitUntil(scope.clients.claim());
});

scope.addEventListener('fetch', (event) => {
	const { request } = event;
	if (new URL(request.url).origin !== scope.location.origin) return;
	event.respondWith(fetch(request).then(withHeaders));
});

function withHeaders(answer: Response): Response {
	// A redirect that the browser follows itself has no headers that could be changed.
	if (answer.type === 'opaqueredirect' || answer.status === 0) return answer;
	const headers = new Headers(answer.headers);
	for (const [name, value] of Object.entries(securityHeaders)) headers.set(name, value);
	const { status, statusText } = answer;
	return new Response(status === 204 || status === 304 ? null : answer.body, {
		...{ status, statusText, headers },
	});
}
