/**
 * `npm run audit`: the published advisories of what is installed, as the registry tells them. Exits with 1 where there are
 * some of what the page is made of, with 2 where the registry answers no audit; then the versions in use are printed, to be
 * compared by hand.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './install.mjs';

const packages = (key) =>
	Object.keys(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))[key]);

/** `name version` of what the page is made of and what it brings along, from the lock file. */
function versionsInUse() {
	const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'));
	return Object.entries(lock.packages)
		.filter(([path, { dev }]) => path !== '' && dev !== true)
		.map(([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`)
		.sort();
}

/** What npm says, parsed; null where it is no report. */
function askRegistry(args) {
	const { stdout } = spawnSync('npm', ['audit', '--audit=true', '--json', ...args], {
		cwd: projectRoot,
		encoding: 'utf8',
		shell: process.platform === 'win32',
	});
	try {
		const report = JSON.parse(stdout);
		return report.vulnerabilities ? report : null;
	} catch {
		return null;
	}
}

function tell(report, what) {
	const found = Object.values(report.vulnerabilities);
	console.log(`${what}: ${found.length} with advisories`);
	for (const { name, severity, via, fixAvailable } of found) {
		const titles = via.map((one) => (typeof one === 'string' ? one : `${one.title} (${one.url})`));
		console.log(
			`  ${name}, ${severity}: ${titles.join('; ')}${fixAvailable ? '; a fix is out' : ''}`,
		);
	}
	return found.length;
}

const page = askRegistry(['--omit=dev']);
const all = page && askRegistry([]);
if (page && all) {
	const found = tell(page, `The page (${packages('dependencies').length} direct dependencies)`);
	tell(all, 'With the tools that build and test it');
	process.exitCode = found > 0 ? 1 : 0;
} else {
	console.error('The registry answers no audit. These versions are in use:');
	for (const line of versionsInUse()) console.log(line);
	process.exitCode = 2;
}
