/** Entry of the page: the lab, or with `?headless` the surface the command line drives. */
import { mount } from 'svelte';
import { trustOwnScripts } from './contract/trustedScripts.ts';
import { isolate } from './isolation.ts';
import { refusedAddress } from './state/address.ts';

async function start(): Promise<void> {
	trustOwnScripts();
	if (import.meta.env.PROD && (await isolate())) return;
	if (new URLSearchParams(location.search).has('headless')) {
		await import('./headless/page.ts');
		return;
	}
	const target = document.getElementById('app');
	if (!target) throw new Error('index.html has no element with the id "app"');
	await Promise.all([import('./ui/tokens.css'), import('./ui/base.css')]);
	const failure = refusedAddress(location, isSecureContext);
	if (failure) mount((await import('./ui/Refused.svelte')).default, { target, props: { failure } });
	else mount((await import('./ui/App.svelte')).default, { target });
}

void start();
