/**
 * Python's pickle as far as torch.save writes it (protocol 2), read by a machine that executes nothing: it knows
 * opcodes that build plain values, and calls of the few names its caller lists, which make plain values too. Work and
 * memory are linear in the bytes given.
 */

import { badFile } from '../../contract/errors.ts';
import { type Machine, type PickleNames, Refusal } from './machine.ts';
import { opcodes, refusedOpcodes } from './opcodes.ts';

/**
 * The value of a pickle: dictionaries as Map, lists and tuples as arrays. Throws `BadInput` naming file, opcode and
 * byte for everything else.
 */
export function readPickle(bytes: Uint8Array, file: string, names: PickleNames): unknown {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const machine: Machine = { names, view, at: 0, stack: [], marks: [], memo: new Map() };
	while (machine.at < bytes.length) {
		const begin = machine.at++;
		const code = bytes[begin] ?? 0;
		const opcode = opcodes.get(code);
		const fail = (problem: string) => {
			const hex = `0x${code.toString(16).padStart(2, '0')}`;
			const name = opcode?.name ?? refusedOpcodes.get(code);
			const where = `opcode ${hex}${name ? ` (${name})` : ''} at byte ${begin}`;
			const advice = 'take the checkpoint from its publisher, or convert it to safetensors';
			return badFile(file, `${where} ${problem}; nothing of it was executed: ${advice}`);
		};
		if (opcode === undefined) throw fail('is none of those a checkpoint needs');
		try {
			opcode.run(machine);
			if (opcode.name === 'STOP') return machine.stack.at(-1);
		} catch (error) {
			throw error instanceof Refusal ? fail(error.message) : error;
		}
	}
	throw badFile(file, `the file ends at byte ${bytes.length} before its STOP; download it again`);
}
