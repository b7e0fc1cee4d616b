/** `npm test`: installs what is missing, then every check in turn; stops at the first failure, ends with one line of counts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium, ensureDependencies } from './install.mjs';
import { fail, npm } from './run.mjs';

const reports = mkdtempSync(join(tmpdir(), 'lab-test-'));

const script = (name, args = [], env = process.env) =>
	npm(['run', '--silent', name, ...(args.length ? ['--', ...args] : [])], { env });

const none = { passed: 0, failed: 0, skipped: 0 };

/** A file that fails without a failed test (its set-up threw, say) counts as one failure. */
function vitestCounts(report) {
	const broken = report.testResults.filter(
		({ status, assertionResults }) =>
			status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
	);
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests + broken.length,
		skipped: report.numPendingTests + report.numTodoTests,
	};
}

function playwrightCounts({ stats, errors }) {
	return {
		passed: stats.expected + stats.flaky,
		failed: stats.unexpected + errors.length,
		skipped: stats.skipped,
	};
}

/** A run that never wrote its report has failed as a whole. */
function readCounts(file, count) {
	try {
		return count(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		return { ...none, failed: 1 };
	}
}

async function check(name) {
	return { code: await script(name), counts: none };
}

async function vitest(name) {
	const file = join(reports, `${name.replace(':', '-')}.json`);
	const code = await script(name, [
		'--reporter=default',
		'--reporter=json',
		`--outputFile.json=${file}`,
	]);
	return { code, counts: readCounts(file, vitestCounts) };
}

async function playwright(name) {
	const file = join(reports, `${name}.json`);
	const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
	const code = await script(name, ['--reporter=list,json'], env);
	return { code, counts: readCounts(file, playwrightCounts) };
}

const steps = [
	['lint', check],
	['check', check],
	['unused', check],
	['unit', vitest],
	['kernels', vitest],
	['kernels:chromium', vitest],
	['build', check],
	['e2e', playwright],
];

async function test() {
	await ensureDependencies();
	await ensureChromium();
	const total = { ...none };
	for (const [name, run] of steps) {
		console.log(`\n== ${name}`);
		const { code, counts } = await run(name);
		for (const key of Object.keys(total)) total[key] += counts[key];
		if (code !== 0) {
			console.error(`\n${name} failed (exit code ${code}); what follows it was not run`);
			process.exitCode = code;
			break;
		}
	}
	console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

test()
	.catch(fail)
	.finally(() => rmSync(reports, { recursive: true, force: true }));
