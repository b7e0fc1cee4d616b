/** On a host that sends no headers the page asks its service worker for them: without isolation WASM has one thread. */

const tried = 'lab-isolation-tried';

/**
 * Registers the service worker where the page is not isolated, and loads the page again, once, so that it comes through
 * it. Resolves with true where the page is about to be loaded again. Browsers without service workers go on as they are.
 */
export async function isolate(): Promise<boolean> {
	if (crossOriginIsolated || !isSecureContext || !('serviceWorker' in navigator)) return false;
	try {
		if (sessionStorage.getItem(tried) !== null) return false;
		await navigator.serviceWorker.register(`${import.meta.env.BASE_URL}headers.js`);
		await navigator.serviceWorker.ready;
		// Kept first: a worker that brings no isolation must not load the page for ever.
		sessionStorage.setItem(tried, 'yes');
	} catch {
		return false;
	}
	location.reload();
	return true;
}
