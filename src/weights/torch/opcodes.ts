/** The opcodes of pickle that a checkpoint needs (Lib/pickletools.py lists them all), and what each does. */
import { type Machine, type PickleName, refuse } from './machine.ts';

interface Opcode {
	readonly name: string;
	run(machine: Machine): void;
}

/** Moves on by `bytes`, which must be there; returns where they begin. */
function take(machine: Machine, bytes: number): number {
	const { at, view } = machine;
	if (bytes > view.byteLength - at) refuse(`needs ${bytes} more bytes where the file ends`);
	machine.at += bytes;
	return at;
}

/** The topmost value above the last MARK. */
function top({ stack, marks }: Machine): unknown {
	if (stack.length <= (marks.at(-1) ?? 0)) refuse('needs a value before it');
	return stack.at(-1);
}

function pop(machine: Machine): unknown {
	const value = top(machine);
	machine.stack.length -= 1;
	return value;
}

function popToMark({ stack, marks }: Machine): unknown[] {
	return stack.splice(marks.pop() ?? refuse('needs a MARK before it'));
}

function text({ view }: Machine, begin: number, end: number): string {
	const bytes = new Uint8Array(view.buffer, view.byteOffset + begin, end - begin);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return refuse('holds text that is not UTF-8');
	}
}

function line(machine: Machine): string {
	const begin = machine.at;
	while (machine.view.getUint8(take(machine, 1)) !== 10);
	return text(machine, begin, machine.at - 1);
}

function string(machine: Machine): string {
	const size = machine.view.getUint32(take(machine, 4), true);
	const begin = take(machine, size);
	return text(machine, begin, begin + size);
}

/** Little-endian two's complement. */
function long(machine: Machine): number {
	const size = machine.view.getUint8(take(machine, 1));
	if (size > 8) refuse(`holds a whole number of ${size} bytes`);
	const begin = take(machine, size);
	let value = 0n;
	for (let i = size - 1; i >= 0; i--)
		value = value * 256n + BigInt(machine.view.getUint8(begin + i));
	return Number(BigInt.asIntN(8 * size, value));
}

function global(machine: Machine): PickleName {
	const name = `${line(machine)} ${line(machine)}`;
	return machine.names.find(name) ?? refuse(`names "${name}", which no checkpoint needs`);
}

function call(machine: Machine): unknown {
	const args = pop(machine);
	const callee = pop(machine);
	const known = typeof callee === 'object' && callee !== null && 'call' in callee;
	if (!known || !Array.isArray(args)) return refuse('calls something that is no known name');
	return (callee as PickleName).call(args);
}

function setItems(machine: Machine, items: readonly unknown[]): unknown {
	const target = top(machine);
	if (!(target instanceof Map) || items.length % 2 !== 0)
		return refuse('needs a dictionary before it, and keys with values');
	for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
	return target;
}

function append(machine: Machine, items: readonly unknown[]): unknown {
	const target = top(machine);
	if (!Array.isArray(target)) return refuse('needs a list before it');
	for (const item of items) target.push(item);
	return target;
}

/** Attributes of an object (an OrderedDict of torch has some); none of them is needed. */
function build(machine: Machine): void {
	pop(machine);
	top(machine);
}

function mark({ stack, marks }: Machine): void {
	marks.push(stack.length);
}

const keep = (machine: Machine, index: number): unknown => machine.memo.set(index, top(machine));

function recall({ memo }: Machine, index: number): unknown {
	return memo.has(index) ? memo.get(index) : refuse(`recalls value ${index}, which was not kept`);
}

const byte = (machine: Machine) => machine.view.getUint8(take(machine, 1));
const word = (machine: Machine) => machine.view.getUint32(take(machine, 4), true);

function protocol(machine: Machine): void {
	const version = byte(machine);
	if (version > 2) refuse(`asks for protocol ${version}; torch.save writes 2`);
}

/** Works on what is there; what `run` returns is of no use. */
const act = (name: string, run: (machine: Machine) => unknown): Opcode => ({
	name,
	run: (machine) => {
		run(machine);
	},
});

/** Puts a value on the stack. */
const push = (name: string, make: (machine: Machine) => unknown): Opcode => ({
	name,
	run: (machine) => {
		machine.stack.push(make(machine));
	},
});

export const opcodes: ReadonlyMap<number, Opcode> = new Map([
	[0x80, act('PROTO', protocol)],
	[0x2e, act('STOP', top)],
	[0x28, act('MARK', mark)],
	[0x4e, push('NONE', () => null)],
	[0x88, push('NEWTRUE', () => true)],
	[0x89, push('NEWFALSE', () => false)],
	[0x4a, push('BININT', (m) => m.view.getInt32(take(m, 4), true))],
	[0x4b, push('BININT1', byte)],
	[0x4d, push('BININT2', (m) => m.view.getUint16(take(m, 2), true))],
	[0x8a, push('LONG1', long)],
	[0x47, push('BINFLOAT', (m) => m.view.getFloat64(take(m, 8)))],
	[0x58, push('BINUNICODE', string)],
	[0x29, push('EMPTY_TUPLE', () => [])],
	[0x5d, push('EMPTY_LIST', () => [])],
	[0x7d, push('EMPTY_DICT', () => new Map())],
	[0x74, push('TUPLE', popToMark)],
	[0x85, push('TUPLE1', (m) => [pop(m)])],
	[0x86, push('TUPLE2', (m) => [pop(m), pop(m)].reverse())],
	[0x87, push('TUPLE3', (m) => [pop(m), pop(m), pop(m)].reverse())],
	[0x61, act('APPEND', (m) => append(m, [pop(m)]))],
	[0x65, act('APPENDS', (m) => append(m, popToMark(m)))],
	[0x73, act('SETITEM', (m) => setItems(m, [pop(m), pop(m)].reverse()))],
	[0x75, act('SETITEMS', (m) => setItems(m, popToMark(m)))],
	[0x71, act('BINPUT', (m) => keep(m, byte(m)))],
	[0x72, act('LONG_BINPUT', (m) => keep(m, word(m)))],
	[0x68, push('BINGET', (m) => recall(m, byte(m)))],
	[0x6a, push('LONG_BINGET', (m) => recall(m, word(m)))],
	[0x63, push('GLOBAL', global)],
	[0x51, push('BINPERSID', (m) => m.names.persistent(pop(m)))],
	[0x52, push('REDUCE', call)],
	[0x81, push('NEWOBJ', call)],
	[0x62, act('BUILD', build)],
]);

/** Names of opcodes that can run code in Python, for messages. */
export const refusedOpcodes: ReadonlyMap<number, string> = new Map([
	[0x69, 'INST'],
	[0x6f, 'OBJ'],
	[0x92, 'NEWOBJ_EX'],
	[0x93, 'STACK_GLOBAL'],
	[0x82, 'EXT1'],
	[0x83, 'EXT2'],
	[0x84, 'EXT4'],
	[0x50, 'PERSID'],
]);
