/** Changes of a pickle: opcodes put in, taken out, and repeated. */
import type { Random } from '../../engine/random.ts';
import { opcodes, refusedOpcodes } from '../../weights/torch/opcodes.ts';
import { pick } from '../generate.ts';
import { joined, type Mutator, utf8 } from '../target.ts';

const codes = [...opcodes.keys(), ...refusedOpcodes.keys()];

const names = ['torch._utils\n_rebuild_tensor_v2\n', 'torch\nFloatStorage\n', 'os\nsystem\n'];

/** An opcode with an argument that may fit it. */
function drawOpcode(random: Random): Uint8Array {
	const code = pick(random, codes);
	const size = random.integer(5);
	if (code === 0x63) return joined([Uint8Array.of(code), utf8(pick(random, names))]);
	const argument = Uint8Array.from({ length: size }, () => pick(random, [0, 0, 1, 2, 255]));
	return joined([Uint8Array.of(code), argument]);
}

const insert: Mutator = (bytes, random) => {
	const at = Math.min(bytes.length, 2 + random.integer(bytes.length));
	return joined([bytes.subarray(0, at), drawOpcode(random), bytes.subarray(at)]);
};

/** Lists, marks and dictionaries within one another. */
const nest: Mutator = (bytes, random) => {
	const at = Math.min(bytes.length, 2 + random.integer(bytes.length));
	const code = pick(random, [0x28, 0x5d, 0x7d, 0x29, 0x85, 0x32]);
	const depth = pick(random, [3, 100, 5000]);
	return joined([bytes.subarray(0, at), new Uint8Array(depth).fill(code), bytes.subarray(at)]);
};

/** A value kept and recalled within itself. */
const loop: Mutator = (bytes, random) => {
	const at = Math.min(bytes.length, 2 + random.integer(bytes.length));
	const itself = [0x5d, 0x71, 0, 0x68, 0, 0x61];
	return joined([bytes.subarray(0, at), Uint8Array.from(itself), bytes.subarray(at)]);
};

export const pickleMutators: readonly Mutator[] = [insert, insert, nest, loop];
