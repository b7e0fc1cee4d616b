/** Every opcode that is read, by the value it makes; every other file, by the byte that it is refused at. */
import { describe, expect, test } from 'vitest';
import type { PickleNames } from './machine.ts';
import { readPickle } from './pickle.ts';
import { op, wholePickle } from './testing.ts';

const names: PickleNames = {
	find: (name) => (name === 'some call' ? { name, call: (args) => ['called', ...args] } : null),
	persistent: (id) => ['persistent', id],
};
const read = (bytes: readonly number[]) => readPickle(Uint8Array.from(bytes), 'x.pkl', names);

const one = [0x4b, 1];
const two = [0x4b, 2];
const three = [0x4b, 3];
const list = [0x5d];
const known = op.name('some', 'call');
const none = [0x4e];

describe('makes plain values', () => {
	test.each<[string, number[], unknown]>([
		['NONE', none, null],
		['NEWTRUE', [0x88], true],
		['NEWFALSE', op.no, false],
		['BININT', [0x4a, 1, 2, 0, 0], 513],
		['BININT, negative', [0x4a, 0xfe, 0xff, 0xff, 0xff], -2],
		['BININT1', [0x4b, 200], 200],
		['BININT2', op.number(513), 513],
		['LONG1 of no bytes', [0x8a, 0], 0],
		['LONG1, negative', [0x8a, 1, 0xff], -1],
		['LONG1, little-endian', [0x8a, 3, 1, 2, 0], 513],
		['LONG1 of eight bytes', [0x8a, 8, 0, 0, 0, 0, 0, 0, 32, 0], 2 ** 53],
		['BINFLOAT, big-endian', [0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
		['BINUNICODE', op.text('né'), 'né'],
		['EMPTY_TUPLE', op.emptyTuple, []],
		['EMPTY_LIST', list, []],
		['EMPTY_DICT', op.dictionary, new Map()],
		['TUPLE', [...op.mark, ...one, ...two, ...op.tuple], [1, 2]],
		['TUPLE in a TUPLE', [op.mark, one, op.mark, two, op.tuple, op.tuple].flat(), [1, [2]]],
		['TUPLE1', [...one, 0x85], [1]],
		['TUPLE2', [...one, ...two, 0x86], [1, 2]],
		['TUPLE3', [...one, ...two, ...three, 0x87], [1, 2, 3]],
		['APPEND', [...list, ...one, 0x61, ...two, 0x61], [1, 2]],
		['APPENDS', [...list, ...op.mark, ...one, ...two, 0x65], [1, 2]],
		['SETITEM', [...op.dictionary, ...one, ...two, 0x73], new Map([[1, 2]])],
		[
			'SETITEMS',
			[op.dictionary, op.mark, one, two, three, none, op.setItems].flat(),
			new Map([
				[1, 2],
				[3, null],
			]),
		],
		['BINPUT and BINGET', [...list, 0x71, 5, ...one, 0x61, 0x68, 5, 0x86], [[1], [1]]],
		[
			'LONG_BINPUT and LONG_BINGET',
			[...one, 0x72, 4, 1, 0, 0, ...two, 0x6a, 4, 1, 0, 0, 0x87],
			[1, 2, 1],
		],
		['LONG_BINPUT, little-endian', [...one, 0x72, 7, 0, 0, 0, 0x68, 7, 0x86], [1, 1]],
		['REDUCE', [...known, ...one, 0x85, ...op.reduce], ['called', 1]],
		['NEWOBJ', [...known, ...two, 0x85, 0x81], ['called', 2]],
		['BINPERSID', [...one, ...op.persistent], ['persistent', 1]],
		['BUILD, which adds nothing', [...op.dictionary, ...one, 0x62], new Map()],
		['STOP, which takes the topmost', [...one, ...two], 2],
	])('%s', (_, pickle, value) => {
		expect(read(wholePickle(pickle))).toEqual(value);
	});

	test('of an older protocol, whatever follows STOP, and where bytes lie within others', () => {
		expect(read([0x80, 0, ...one, ...op.stop, 0xff])).toBe(1);
		const around = Uint8Array.from([9, ...wholePickle(op.text('né')), 9]);
		expect(readPickle(around.subarray(1, -1), 'x.pkl', names)).toBe('né');
	});
});

const advice =
	'; nothing of it was executed: take the checkpoint from its publisher, or convert it to safetensors';

describe('refuses', () => {
	test.each<[number[], string]>([
		[[0x80, 3], 'opcode 0x80 (PROTO) at byte 2 asks for protocol 3; torch.save writes 2'],
		[op.stop, 'opcode 0x2e (STOP) at byte 2 needs a value before it'],
		[[...one, ...op.mark, 0x85], 'opcode 0x85 (TUPLE1) at byte 5 needs a value before it'],
		[[...one, 0x62], 'opcode 0x62 (BUILD) at byte 4 needs a value before it'],
		[[0x71, 0], 'opcode 0x71 (BINPUT) at byte 2 needs a value before it'],
		[[...one, 0x86], 'opcode 0x86 (TUPLE2) at byte 4 needs a value before it'],
		[[...one, 0x87], 'opcode 0x87 (TUPLE3) at byte 4 needs a value before it'],
		[op.persistent, 'opcode 0x51 (BINPERSID) at byte 2 needs a value before it'],
		[[0x4a, 0], 'opcode 0x4a (BININT) at byte 2 needs 4 more bytes where the file ends'],
		[[0x4b], 'opcode 0x4b (BININT1) at byte 2 needs 1 more bytes where the file ends'],
		[[0x4d, 0], 'opcode 0x4d (BININT2) at byte 2 needs 2 more bytes where the file ends'],
		[[0x47, 0], 'opcode 0x47 (BINFLOAT) at byte 2 needs 8 more bytes where the file ends'],
		[[0x72, 0], 'opcode 0x72 (LONG_BINPUT) at byte 2 needs 4 more bytes where the file ends'],
		[[0x6a, 0], 'opcode 0x6a (LONG_BINGET) at byte 2 needs 4 more bytes where the file ends'],
		[op.tuple, 'opcode 0x74 (TUPLE) at byte 2 needs a MARK before it'],
		[[0x68, 7], 'opcode 0x68 (BINGET) at byte 2 recalls value 7, which was not kept'],
		[[0x8a, 9], 'opcode 0x8a (LONG1) at byte 2 holds a whole number of 9 bytes'],
		[[0x8a, 3, 0], 'opcode 0x8a (LONG1) at byte 2 needs 3 more bytes where the file ends'],
		[[0x63, 0x6f], 'opcode 0x63 (GLOBAL) at byte 2 needs 1 more bytes where the file ends'],
		[
			op.name('os', 'system'),
			'opcode 0x63 (GLOBAL) at byte 2 names "os system", which no checkpoint needs',
		],
		[
			[0x58, 2, 0, 0, 0, 0xc3, 0x28],
			'opcode 0x58 (BINUNICODE) at byte 2 holds text that is not UTF-8',
		],
		[[...list, ...one, 0x73], 'opcode 0x73 (SETITEM) at byte 5 needs a value before it'],
		[
			[...op.dictionary, ...op.mark, ...one, ...op.setItems],
			'opcode 0x75 (SETITEMS) at byte 6 needs a dictionary before it, and keys with values',
		],
		[
			[...list, ...op.mark, ...op.setItems],
			'opcode 0x75 (SETITEMS) at byte 4 needs a dictionary before it, and keys with values',
		],
		[[...one, ...two, 0x61], 'opcode 0x61 (APPEND) at byte 6 needs a list before it'],
		[[...one, ...op.mark, 0x65], 'opcode 0x65 (APPENDS) at byte 5 needs a list before it'],
	])('%j', (pickle, problem) => {
		const bytes = [0x80, 2, ...pickle];
		expect(() => read(bytes)).toThrow(`x.pkl: ${problem}${advice}`);
		expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'BadInput' }));
	});

	test.each([
		['a text', op.text('x'), op.emptyTuple],
		['None', none, op.emptyTuple],
		['a dictionary', op.dictionary, op.emptyTuple],
		['a known name with no tuple', known, one],
	])('a call of %s', (_, callee, args) => {
		const problem = 'calls something that is no known name';
		for (const opcode of ['0x52 (REDUCE)', '0x81 (NEWOBJ)'])
			expect(() => read([...callee, ...args, Number(opcode.slice(0, 4))])).toThrow(
				`opcode ${opcode} at byte ${callee.length + args.length} ${problem}${advice}`,
			);
	});

	test.each([
		[0x69, '0x69 (INST)'],
		[0x6f, '0x6f (OBJ)'],
		[0x92, '0x92 (NEWOBJ_EX)'],
		[0x93, '0x93 (STACK_GLOBAL)'],
		[0x82, '0x82 (EXT1)'],
		[0x83, '0x83 (EXT2)'],
		[0x84, '0x84 (EXT4)'],
		[0x50, '0x50 (PERSID)'],
		[0x05, '0x05'],
	])('opcode %i, as it could run code or is none', (code, told) => {
		expect(() => read([code])).toThrow(
			`x.pkl: opcode ${told} at byte 0 is none of those a checkpoint needs${advice}`,
		);
	});

	test('a file that ends before its STOP', () => {
		expect(() => read(one)).toThrow(
			'x.pkl: the file ends at byte 2 before its STOP; download it again',
		);
	});
});

test('a fault of the names passes as it is', () => {
	const fault = new TypeError('a defect');
	const persistent = () => {
		throw fault;
	};
	const bytes = Uint8Array.from([...one, ...op.persistent]);
	expect(() => readPickle(bytes, 'x.pkl', { ...names, persistent })).toThrow(fault);
});
