// Under what name what was found out about kernels on an adapter is kept.
import { sha256 } from '../../contract/sha256.ts';
import type { Context } from './context.ts';
import type { Runtime } from './runtime.ts';

/** Names adapter and kernels: another driver's name or other code is another key. */
export const kernelKey = async (
	{ open }: Runtime,
	contexts: readonly Context[],
): Promise<string> => {
	const { vendor, architecture, device, description } = open.adapterInfo;
	const code = contexts.flatMap(({ kernels }) =>
		[...kernels.common, ...kernels.rare].map((kernel) => kernel.code),
	);
	const hash = await sha256(new TextEncoder().encode(code.join('\n')));
	return [vendor, architecture, device, description, hash.slice(0, 16)].join(' | ');
};
