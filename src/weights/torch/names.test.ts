/** What the Python names of a checkpoint stand for, and that no other name and no other arguments are taken. */
import { describe, expect, test } from 'vitest';
import { isTensor, torchNames } from './names.ts';

const { find, persistent } = torchNames;
const call = (name: string, ...args: unknown[]) => find(name)?.call(args);
const float = find('torch FloatStorage');
const storage = persistent(['storage', float, '7', 'cpu', 4]);

test.each([
	['DoubleStorage', 'F64', 8],
	['FloatStorage', 'F32', 4],
	['HalfStorage', 'F16', 2],
	['BFloat16Storage', 'BF16', 2],
	['LongStorage', 'I64', 8],
	['IntStorage', 'I32', 4],
	['ShortStorage', 'I16', 2],
	['CharStorage', 'I8', 1],
	['ByteStorage', 'U8', 1],
	['BoolStorage', 'BOOL', 1],
])('%s holds %s of %i bytes', (name, dtype, bytes) => {
	const known = find(`torch ${name}`);
	expect(persistent(['storage', known, '7', 'cpu', 4])).toEqual({ key: '7', dtype, bytes });
	expect(() => known?.call([])).toThrow(`calls torch ${name}`);
});

test.each<[string, unknown]>([
	['no tuple', 'storage'],
	['another kind', ['module', float, '7']],
	['a class that is a text', ['storage', 'torch FloatStorage', '7']],
	['no class', ['storage', null, '7']],
	['a class without name', ['storage', {}, '7']],
	['a class that is no storage', ['storage', find('torch device'), '7']],
	['a storage that is not known', ['storage', { name: 'torch ComplexStorage' }, '7']],
	['a key that is no text', ['storage', float, 7]],
	['no key', ['storage', float]],
])('%s is no storage', (_, id) => {
	expect(() => persistent(id)).toThrow('stands for something that is no storage');
});

test.each([
	'os system',
	'torch load',
	'torch ComplexStorage',
	'torch FloatStorages',
	'xtorch FloatStorage',
	'torch.storage FloatStorage',
	'torch devices',
	'torch.cuda device',
	'lightning Trainer',
	'xlightning.loops Loop',
	'lightning.loops Loop more',
	'lightning.os;x system',
	'torch._utils _rebuild_tensor',
	'collections',
])('%s is not known', (name) => {
	expect(find(name)).toBeNull();
});

test('what Lightning notes stands for nothing', () => {
	for (const name of [
		'torch device',
		'pytorch_lightning.callbacks.model_checkpoint ModelCheckpoint',
		'lightning.fabric.utilities.data AttributeDict',
	]) {
		expect(find(name)?.name).toBe(name);
		expect(call(name, 'cuda')).toBeNull();
	}
});

describe('a call', () => {
	const tensor = { storage, offset: 2, shape: [2, 3], stride: [3, 1] };
	const rebuild = (...args: unknown[]) => call('torch._utils _rebuild_tensor_v2', ...args);

	test('makes an empty dictionary, a tensor, a parameter', () => {
		expect(call('collections OrderedDict')).toEqual(new Map());
		expect(rebuild(storage, 2, [2, 3], [3, 1], false, new Map())).toEqual(tensor);
		expect(rebuild(storage, 0, [], [])).toMatchObject({ shape: [], stride: [] });
		const eight = [1, 1, 1, 1, 1, 1, 1, 1];
		expect(rebuild(storage, 0, eight, eight)).toMatchObject({ shape: eight });
		expect(call('torch._utils _rebuild_parameter', tensor, true)).toBe(tensor);
	});

	const nine = [1, 1, 1, 1, 1, 1, 1, 1, 1];
	test.each<[string, unknown[]]>([
		['no storage', [null, 0, [2], [1]]],
		['a text for a storage', ['storage', 0, [2], [1]]],
		['a tensor for a storage', [tensor, 0, [2], [1]]],
		['a negative offset', [storage, -1, [2], [1]]],
		['half an offset', [storage, 0.5, [2], [1]]],
		['a text for an offset', [storage, '0', [2], [1]]],
		['a text for a shape', [storage, 0, '2', [1]]],
		['a negative size', [storage, 0, [2, -1], [1, 1]]],
		['no strides', [storage, 0, [2]]],
		['half a stride', [storage, 0, [2], [0.5]]],
		['fewer strides than sizes', [storage, 0, [2, 3], [1]]],
		['nine axes', [storage, 0, nine, nine]],
	])('of a tensor with %s is refused', (_, args) => {
		expect(() => rebuild(...args)).toThrow(
			'makes a tensor of something that is no storage, offset, shape and strides',
		);
	});

	test.each([[null], ['storage'], [storage], [undefined]])(
		'of a parameter with %j is refused',
		(value) => {
			expect(isTensor(value)).toBe(false);
			expect(() => call('torch._utils _rebuild_parameter', value)).toThrow(
				'makes a parameter of something that is no tensor',
			);
		},
	);
});
