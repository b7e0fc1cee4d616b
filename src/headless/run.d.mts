/** Types of run.mjs. */
export function run(
	command: string,
	args: readonly string[],
	options?: { quiet?: boolean; env?: NodeJS.ProcessEnv },
): Promise<number>;
