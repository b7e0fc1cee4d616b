/** Brings a bare machine to where the lab runs: dependencies, a Chromium, a fresh build. Needs nothing installed. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { npm, run } from './run.mjs';

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

const inProject = (...path) => join(projectRoot, ...path);

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function must(code, what) {
	if ((await code) !== 0) throw new Error(`${what} failed; its output above says why`);
}

/** Installs dependencies where there are none or where the lock file is newer. */
export async function ensureDependencies() {
	const installed = modified(inProject('node_modules', '.package-lock.json'));
	if (installed >= modified(inProject('package-lock.json')) && installed > 0) return;
	console.error('Installing dependencies ...');
	await must(npm(['ci', '--include=dev'], { quiet: true }), 'npm ci');
}

function isDebianRoot() {
	if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
	return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** Installs a Chromium where there is none: Debian's own as root on Debian, else Playwright's. */
export async function ensureChromium() {
	if (findChromium()) return;
	const { chromium } = await import('playwright');
	if (existsSync(chromium.executablePath())) return;
	console.error('Installing Chromium ...');
	if (isDebianRoot()) {
		const options = { quiet: true, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
		await must(run('apt-get', ['update'], options), 'apt-get update');
		await must(run('apt-get', ['install', '-y', 'chromium'], options), 'apt-get install chromium');
	} else {
		const cli = inProject('node_modules', 'playwright', 'cli.js');
		await must(
			run(process.execPath, [cli, 'install', 'chromium'], { quiet: true }),
			'playwright install chromium',
		);
	}
}

/** Newest modification time below a path, tests left out. Folders count too: a deleted file changes its folder. */
function newest(path) {
	if (path.endsWith('.test.ts')) return 0;
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
	const times = readdirSync(path).map((name) => newest(join(path, name)));
	return Math.max(stat.mtimeMs, ...times);
}

const sources = ['index.html', 'vite.config.ts', 'package-lock.json', 'public', 'workers', 'src'];

/** Builds the page into `dist` where it is missing or older than its sources. */
export async function ensureBuild() {
	const built = modified(inProject('dist', 'index.html'));
	if (built > Math.max(...sources.map((path) => newest(inProject(path))))) return;
	console.error('Building the page ...');
	await must(npm(['run', '--silent', 'build'], { quiet: true }), 'vite build');
}
