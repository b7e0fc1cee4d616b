/**
 * `npm run mutants [-- FOLDER ...]`: changes one operator, condition or text of a source at a time and runs the tests that
 * reach it; a change that no test notices is a survivor. Without folders: plan, selection, storage, optimizers, readers.
 * Outcomes of a few files at a time are kept in `.mutants`: what was interrupted goes on with the next few, and what did
 * not change is not tried again.
 */
import { spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, projectRoot } from '../install.mjs';
import { fail } from '../run.mjs';
import { scoreOf, survivorsOf } from './score.mjs';

const usual = [
	...['src/engine/plan', 'src/selection', 'src/storage', 'src/engine/optim'],
	...['src/weights', 'src/data'],
];

/** Sources below a path; tests and what only they use are left out. */
function sourcesOf(path) {
	const full = join(projectRoot, path);
	if (!existsSync(full)) throw new Error(`${path}: no such file or folder`);
	const files = statSync(full).isFile()
		? [full]
		: readdirSync(full, { recursive: true, encoding: 'utf8' }).map((name) => join(full, name));
	return files
		.map((file) => relative(projectRoot, file))
		.filter((file) => /(?<!\.d)\.ts$/.test(file) && !/(\.test|\/testing)\.ts$/.test(file))
		.sort();
}

/** Folder whose tests a source must pass: tests of what uses it are slower, and say less of where a fault is. */
function testedBy(file) {
	const [, folder] = file.split('/');
	return folder === 'engine'
		? (usual.find((path) => file.startsWith(path)) ?? file)
		: `src/${folder}`;
}

/** Files tried in one go: each go first runs every test of the folder once, and what it found is kept at its end. */
const atOnce = 8;

const groupsOf = (files) =>
	Array.from({ length: Math.ceil(files.length / atOnce) }, (_, group) =>
		files.slice(group * atOnce, (group + 1) * atOnce),
	);

const outcomeOf = ([file]) => join(projectRoot, '.mutants', `${file.replaceAll('/', '_')}.json`);

/** Where there is reference material beside the project, tests find it beside the copies of it, too. */
function linkShared() {
	const copies = join(projectRoot, '.mutants/tmp');
	const shared = join(projectRoot, '../shared');
	mkdirSync(copies, { recursive: true });
	if (existsSync(shared) && !existsSync(join(copies, 'shared')))
		symlinkSync(shared, join(copies, 'shared'));
}

function mutate(files) {
	linkShared();
	const arguments_ = [
		...['stryker', 'run', '--mutate', files.join(), '--testRunner', 'vitest'],
		...['--concurrency', '2', '--reporters', 'progress'],
		...['--incremental', '--incrementalFile', outcomeOf(files)],
		...['--coverageAnalysis', 'perTest', '--timeoutMS', '8000', '--cleanTempDir', 'always'],
		...['--tempDirName', '.mutants/tmp', '--allowConsoleColors', 'false'],
		'e2e/mutants/stryker.json',
	];
	const env = { ...process.env, MUTATED: testedBy(files[0]) };
	const { status } = spawnSync('npx', arguments_, { cwd: projectRoot, stdio: 'inherit', env });
	return status === 0;
}

function tell(groups) {
	const reports = groups
		.map(outcomeOf)
		.filter((path) => existsSync(path))
		.map((path) => JSON.parse(readFileSync(path, 'utf8')));
	for (const { file, line, name, replacement } of reports.flatMap(survivorsOf))
		console.log(`${file}:${line} ${name}: ${replacement}`);
	return scoreOf(reports);
}

async function main() {
	const options = { json: { type: 'string' } };
	const { values, positionals } = parseArgs({ options, allowPositionals: true });
	await ensureDependencies();
	const rows = [];
	for (const folder of positionals.length > 0 ? positionals : usual) {
		const groups = groupsOf(sourcesOf(folder));
		const failed = groups.filter((files) => !mutate(files)).flat();
		const row = { folder, ...tell(groups), failed };
		rows.push(row);
		console.log(`${folder}: ${row.killed} of ${row.all} noticed, ${row.score.toFixed(1)} %`);
		if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, '\t')}\n`);
	}
	if (rows.some(({ score, failed }) => score < 85 || failed.length > 0)) process.exitCode = 1;
}

main().catch(fail);
