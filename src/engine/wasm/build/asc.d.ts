/**
 * What is used of AssemblyScript's compiler. Its own typings are not loaded: they redeclare the global Array and
 * take `undefined` out of what `at` and `pop` return.
 */
interface Output {
	write(text: string | Uint8Array): void;
}

interface Options {
	readonly stderr: Output;
	readonly readFile: (name: string) => string | null;
	readonly writeFile: (name: string, content: string | Uint8Array) => void;
	readonly listFiles: () => string[];
}

export function main(
	argv: readonly string[],
	options: Options,
): Promise<{ readonly error: Error | null }>;
