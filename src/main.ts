/** Entry of the page: the lab, or with `?headless` the surface the command line drives. */
import { mount } from 'svelte';
import { trustOwnScripts } from './contract/trustedScripts.ts';
import { isolate } from './isolation.ts';

async function start(): Promise<void> {
	trustOwnScripts();
	if (import.meta.env.PROD && (await isolate())) return;
	if (new URLSearchParams(location.search).has('headless')) {
		await import('./headless/page.ts');
		return;
	}
	const [{ default: App }] = await Promise.all([
		import('./ui/App.svelte'),
		import('./ui/tokens.css'),
		import('./ui/base.css'),
	]);
	const target = document.getElementById('app');
	if (!target) throw new Error('index.html has no element with the id "app"');
	mount(App, { target });
}

void start();
