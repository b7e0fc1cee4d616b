/** Runs child programs. Needs nothing installed. */
import { spawn } from 'node:child_process';

/**
 * Runs a program in the project's folder and resolves with its exit code (128 + signal where it was killed).
 * `quiet` sends its standard output to standard error.
 */
export function run(command, args, { quiet = false, env = process.env } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: new URL('../..', import.meta.url),
			env,
			stdio: ['ignore', quiet ? 2 : 1, 2],
		});
		child.on('error', (error) => {
			reject(new Error(`cannot run ${command}: ${error.message}`));
		});
		child.on('exit', (code, signal) => {
			resolve(code ?? (signal ? 128 : 1));
		});
	});
}

/** Runs the npm that started us (on Windows npm is a script, which only a shell could start). */
export function npm(args, options) {
	const cli = process.env.npm_execpath;
	return cli?.endsWith('.js') || cli?.endsWith('.cjs')
		? run(process.execPath, [cli, ...args], options)
		: run('npm', args, options);
}

/** Prints a message and ends the process with a code, once output is flushed. */
export function fail(error) {
	console.error(error instanceof Error ? error.message : String(error));
	// Where the words come from: asked for by those who mend the lab.
	if (process.env.LAB_STACK === '1')
		console.error(error?.pageStack ?? error?.cause ?? error?.stack);
	process.exitCode = 1;
}
