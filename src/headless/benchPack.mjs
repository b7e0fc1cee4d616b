/** `npm run bench:pack [-- --out FOLDER]`: the GPU bench for any x86-64 Linux machine, in one folder, without a network. */
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack, requirePackable } from './benchFolder.mjs';
import { ensureDependencies } from './install.mjs';
import { fail } from './run.mjs';

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

async function main() {
	const options = { out: { type: 'string', default: 'bench-pack' } };
	const folder = resolve(parseArgs({ options }).values.out);
	const { platform, arch, config } = process;
	requirePackable({ platform, arch, sharedNode: config.variables.node_shared === true });
	await ensureDependencies();
	const { files, total } = await pack(folder);
	for (const { name, bytes } of files) console.log(`${megabytes(bytes).padStart(9)}  ${name}`);
	if (!files.some(({ name }) => name === 'libvulkan.so.1'))
		console.log('No Vulkan loader was found here: the other machine must have libvulkan.so.1.');
	console.log(`${megabytes(total)} in ${relative('', folder) || '.'}: copy it, then sh run.sh`);
}

main().catch(fail);
