import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../engine/random.ts';
import { openTorchCheckpoint } from './checkpoint.ts';
import { bytesSource, dictionaryPickle, op, tensorPickle, wholePickle, zipOf } from './testing.ts';

const numbers = [...new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)];

const archive = (pickle: readonly number[], data = numbers) =>
	zipOf([
		{ name: 'model/data.pkl', bytes: wholePickle(pickle) },
		{ name: 'model/byteorder', bytes: [...Buffer.from('little')] },
		{ name: 'model/data/0', bytes: data },
	]);
const open = (bytes: Uint8Array) => openTorchCheckpoint(bytesSource(bytes));
const state = (value: number[]) => dictionaryPickle({ state_dict: dictionaryPickle({ w: value }) });

test('tells where the bytes of a tensor lie', async () => {
	const bytes = archive(state(tensorPickle('0', [2, 2], [2, 1], 2)));
	const { tensors } = await open(bytes);
	expect(tensors).toMatchObject([{ name: 'w', dtype: 'F32', shape: [2, 2] }]);
	const { begin, end } = tensors[0]!;
	expect([...new Float32Array(bytes.slice(begin, end).buffer)]).toEqual([3, 4, 5, 6]);
});

test('reads a bare dictionary of tensors, parameters, and the notes of Lightning', async () => {
	const parameter = [
		...[...op.name('torch._utils', '_rebuild_parameter'), ...op.mark],
		...[...tensorPickle('0', [3], [1], 0, 'HalfStorage'), ...op.no, ...op.tuple, ...op.reduce],
	];
	const bare = await open(archive(dictionaryPickle({ w: parameter })));
	expect(bare.tensors).toMatchObject([{ name: 'w', dtype: 'F16', shape: [3] }]);
	const note = [
		...op.name('torch', 'device'),
		...op.mark,
		...op.text('cuda'),
		...op.tuple,
		...op.reduce,
	];
	const noted = dictionaryPickle({
		loops: note,
		hyper_parameters: dictionaryPickle({ pool: op.text('avg'), layer_norm: op.no }),
		state_dict: dictionaryPickle({ w: tensorPickle('0', [1], [1]) }),
	});
	const { tensors, hyperparameters } = await open(archive(noted));
	expect(tensors).toHaveLength(1);
	expect([...hyperparameters]).toEqual([
		['pool', 'avg'],
		['layer_norm', false],
	]);
});

test('lets be what is not asked for', async () => {
	const one = [0x4b, 1];
	const state_dict = dictionaryPickle({ w: tensorPickle('0', [1, 6], [9, 1]) });
	const numbered = [...op.dictionary, ...op.mark, ...one, ...op.text('x'), ...op.setItems];
	const pickle = dictionaryPickle({ state_dict, hyper_parameters: numbered });
	const { tensors, hyperparameters } = await open(
		zipOf([
			{ name: 'model/data.pkl', bytes: wholePickle(pickle) },
			{ name: 'model/old/data.pkl', bytes: [] },
			{ name: 'model/data.pkl.bak', bytes: [] },
			{ name: 'model/byteorder', bytes: [...Buffer.from('little\n')] },
			{ name: 'model/data/0', bytes: numbers },
		]),
	);
	expect(tensors).toMatchObject([{ name: 'w', shape: [1, 6] }]);
	expect(hyperparameters.size).toBe(0);
});

test.each<[string, Uint8Array, string]>([
	[
		'two lists of tensors',
		zipOf(['a', 'b'].map((name) => ({ name: `${name}/data.pkl`, bytes: [] }))),
		'2 files data.pkl in it; it is no checkpoint of torch.save',
	],
	[
		'a state that is a text',
		archive(dictionaryPickle({ state_dict: op.text('x') })),
		'no dictionary of tensors in it; it is no checkpoint of a model',
	],
	[
		'a tensor without a name',
		archive([
			...[...op.dictionary, ...op.mark, 0x4b, 1],
			...[...tensorPickle('0', [1], [1]), ...op.setItems],
		]),
		'state_dict has a key that is no text; save names of tensors only',
	],
	[
		'rows that lie apart',
		archive(state(tensorPickle('0', [2, 2], [3, 1]))),
		'tensor "w" is stored with strides [3,1]; save it contiguous',
	],
	[
		'a tensor beyond its file',
		archive(state(tensorPickle('0', [2, 2], [2, 1], 3))),
		'tensor "w" of F32 [2,2] needs bytes 12 to 28 of file 0, which has 24; download it again',
	],
])('refuses %s', async (_, bytes, problem) => {
	await expect(open(bytes)).rejects.toThrow(`model.ckpt: ${problem}`);
	await expect(open(bytes)).rejects.toMatchObject({ name: 'BadInput' });
});

describe('refuses, naming opcode and byte,', () => {
	const call = [...op.mark, ...op.text('rm -rf /'), ...op.tuple, ...op.reduce];
	test.each([
		[
			'a call of the system',
			[...op.name('os', 'system'), ...call],
			/0x63 \(GLOBAL\) at byte 2 names "os system"/,
		],
		[
			'a name as torch hides it',
			op.name('torch.storage', '_load_from_bytes'),
			/0x63 \(GLOBAL\) at byte 2/,
		],
		['an instance', [0x69, ...Buffer.from('os\nsystem\n')], /0x69 \(INST\) at byte 2 is none/],
		[
			'a name from the stack',
			[...op.text('os'), ...op.text('system'), 0x93],
			/0x93 \(STACK_GLOBAL\) at byte 20/,
		],
		['an extension', [0x82, 1], /0x82 \(EXT1\) at byte 2/],
		['a call of a value', [...op.text('x'), ...call], /0x52 \(REDUCE\) at byte \d+ calls/],
		[
			'a call of a storage',
			[...op.name('torch', 'FloatStorage'), ...call],
			/\(REDUCE\).*FloatStorage/,
		],
		[
			'a tensor of nothing',
			[...op.name('torch._utils', '_rebuild_tensor_v2'), ...call],
			/\(REDUCE\) at byte/,
		],
		['a persistent id of its own', [...op.text('x'), ...op.persistent], /\(BINPERSID\) at byte 8/],
		['an unknown opcode', [0xff], /0xff at byte 2/],
		['a newer protocol', [0x80, 4], /\(PROTO\) at byte 2 asks for protocol 4/],
		['a value that is not there', [0x85], /\(TUPLE1\) at byte 2/],
		['a mark that is not there', op.tuple, /\(TUPLE\) at byte 2/],
		['values below a mark', [0x4e, ...op.mark, 0x85], /\(TUPLE1\) at byte 4/],
		['a memory that is not there', [0x68, 7], /\(BINGET\) at byte 2 recalls value 7/],
		[
			'a text longer than the file',
			[0x58, 255, 255, 255, 255],
			/\(BINUNICODE\) at byte 2 needs 4294967295/,
		],
		['a text that is none', [0x58, 1, 0, 0, 0, 0xff], /\(BINUNICODE\).*UTF-8/],
		['a huge number', [0x8a, 200], /\(LONG1\).*200 bytes/],
		['items of no dictionary', [0x4e, ...op.mark, ...op.setItems], /\(SETITEMS\)/],
		['items of no list', [0x4e, 0x4e, 0x61], /\(APPEND\)/],
	])('%s', async (_, pickle, message) => {
		const refused = open(archive(pickle));
		await expect(refused).rejects.toThrow(message);
		await expect(refused).rejects.toMatchObject({ name: 'BadInput' });
	});
});

describe('refuses, naming the file,', () => {
	const good = state(tensorPickle('0', [2], [1]));
	const noText = [...op.dictionary, ...op.mark, ...op.dictionary, ...op.no, ...op.setItems];
	const nameless = dictionaryPickle({ state_dict: noText });
	test.each([
		['no archive', Uint8Array.from(numbers), /not a torch checkpoint/],
		['an empty file', new Uint8Array(), /not a torch checkpoint/],
		['an archive of something else', zipOf([{ name: 'a.txt', bytes: [1] }]), /0 files data\.pkl/],
		[
			'compressed files',
			zipOf([{ name: 'm/data.pkl', bytes: [1], method: 8 }]),
			/compressed \(method 8\)/,
		],
		[
			'a file that is there twice',
			zipOf([
				{ name: 'a', bytes: [] },
				{ name: 'a', bytes: [] },
			]),
			/twice/,
		],
		[
			'big-endian numbers',
			zipOf([
				{ name: 'm/data.pkl', bytes: [] },
				{ name: 'm/byteorder', bytes: [...Buffer.from('big')] },
			]),
			/big-endian/,
		],
		[
			'an unfinished pickle',
			zipOf([{ name: 'm/data.pkl', bytes: [0x80, 2] }]),
			/ends at byte 2 before its STOP/,
		],
		['a value that is no dictionary', archive(op.no), /no dictionary/],
		['a name that is no text', archive(nameless), /state_dict has a key that is no text/],
		['a state that is no tensor', archive(state(op.no)), /state_dict\["w"\] is no tensor/],
		[
			'a tensor without file',
			archive(state(tensorPickle('7', [2], [1]))),
			/"w".*file 7, which is missing/,
		],
		[
			'a tensor beyond its file',
			archive(state(tensorPickle('0', [7], [1]))),
			/"w".*bytes 0 to 28.*has 24/,
		],
		[
			'a tensor of too many numbers',
			archive(state(tensorPickle('0', [65535, 65535], [65535, 1]))),
			/has 24/,
		],
		['a transposed tensor', archive(state(tensorPickle('0', [2, 3], [1, 2]))), /strides \[1,2\]/],
		[
			'a pickle of two megabytes',
			zipOf([{ name: 'm/data.pkl', bytes: new Uint8Array(2 ** 21).fill(0x7d) }]),
			/2097152 bytes/,
		],
	])('%s', async (_, bytes, message) => {
		await expect(open(bytes)).rejects.toThrow(message);
		await expect(open(bytes)).rejects.toThrow(/^model\.ckpt/);
	});

	test('a directory that claims gigabytes, without reading them', async () => {
		const bytes = archive(good);
		new DataView(bytes.buffer).setUint32(bytes.length - 10, 0xfffffff0, true);
		const source = bytesSource(bytes);
		await expect(openTorchCheckpoint(source)).rejects.toThrow(/asks for 4294967280 bytes/);
		expect(source.largest).toBeLessThan(2 ** 20);
	});

	test('every cut of it', { timeout: 60_000 }, async () => {
		const bytes = archive(good);
		for (let size = 0; size < bytes.length; size++)
			await expect(open(bytes.slice(0, size)), `${size} bytes`).rejects.toMatchObject({
				name: 'BadInput',
			});
	});
});

/** Opens, or refuses as it should; anything else fails. */
async function opensOrRefuses(bytes: Uint8Array, what: string): Promise<void> {
	const source = bytesSource(bytes);
	const error = await openTorchCheckpoint(source).then(
		() => null,
		(reason: unknown) => reason as Error,
	);
	if (error) expect(error.name, `${what}: ${error.message}`).toBe('BadInput');
	expect(source.largest).toBeLessThan(2 ** 21);
}

test('survives bytes that were changed at random', { timeout: 60_000 }, async () => {
	const random = createRandom(1);
	const bytes = archive(state(tensorPickle('0', [2, 3], [3, 1])));
	for (let round = 0; round < 400; round++) {
		const hostile = bytes.slice();
		for (let change = 0; change <= round % 4; change++)
			hostile[random.integer(hostile.length)] = random.integer(256);
		await opensOrRefuses(hostile, `round ${round}`);
	}
});

const file = '../shared/golden/comet/model.ckpt';
describe.skipIf(!existsSync(file))('a checkpoint of torch', () => {
	const bytes = new Uint8Array(existsSync(file) ? readFileSync(file) : []);

	test('holds the tensors that it should', async () => {
		const { tensors } = await open(bytes);
		expect(tensors).toHaveLength(81);
		expect(tensors.find(({ name }) => name === 'estimator.ff.0.weight')?.shape).toEqual([72, 144]);
	});

	test('is refused where it is cut', { timeout: 60_000 }, async () => {
		for (let size = 0; size < bytes.length; size += 9973)
			await expect(open(bytes.slice(0, size))).rejects.toMatchObject({ name: 'BadInput' });
	});

	test('survives bytes changed at random in its list of tensors', { timeout: 60_000 }, async () => {
		const random = createRandom(2);
		for (let round = 0; round < 100; round++) {
			const hostile = bytes.slice();
			hostile[64 + random.integer(10_000)] = random.integer(256);
			await opensOrRefuses(hostile, `round ${round}`);
		}
	});
});
