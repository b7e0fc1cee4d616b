/** The Python names in checkpoints of torch and Lightning, as plain values. */
import { type PickleName, type PickleNames, refuse } from './machine.ts';

export interface TorchStorage {
	/** Number of its file under `data/`. */
	readonly key: string;
	readonly dtype: string;
	/** Of one element. */
	readonly bytes: number;
}

export interface TorchTensor {
	readonly storage: TorchStorage;
	/** In elements. */
	readonly offset: number;
	readonly shape: readonly number[];
	readonly stride: readonly number[];
}

/** Storage classes, by what safetensors calls their numbers. */
const storages: Readonly<Record<string, readonly [dtype: string, bytes: number]>> = {
	DoubleStorage: ['F64', 8],
	FloatStorage: ['F32', 4],
	HalfStorage: ['F16', 2],
	BFloat16Storage: ['BF16', 2],
	LongStorage: ['I64', 8],
	IntStorage: ['I32', 4],
	ShortStorage: ['I16', 2],
	CharStorage: ['I8', 1],
	ByteStorage: ['U8', 1],
	BoolStorage: ['BOOL', 1],
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isStorage = (value: unknown): value is TorchStorage => isObject(value) && 'bytes' in value;
export const isTensor = (value: unknown): value is TorchTensor =>
	isObject(value) && 'storage' in value;

const isSize = (value: unknown): value is number =>
	Number.isSafeInteger(value) && Number(value) >= 0;
const isSizes = (value: unknown): value is number[] =>
	Array.isArray(value) && value.length <= 8 && value.every(isSize);

function rebuildTensor(args: readonly unknown[]): TorchTensor {
	const [storage, offset, shape, stride] = args;
	if (isStorage(storage) && isSize(offset) && isSizes(shape) && isSizes(stride))
		if (shape.length === stride.length) return { storage, offset, shape, stride };
	return refuse('makes a tensor of something that is no storage, offset, shape and strides');
}

const rebuildParameter = ([tensor]: readonly unknown[]): TorchTensor =>
	isTensor(tensor) ? tensor : refuse('makes a parameter of something that is no tensor');

const calls: ReadonlyMap<string, PickleName['call']> = new Map<string, PickleName['call']>([
	['collections OrderedDict', () => new Map()],
	['torch._utils _rebuild_tensor_v2', rebuildTensor],
	['torch._utils _rebuild_parameter', rebuildParameter],
]);

const storageName = (name: string): string | null => /^torch (\w+Storage)$/.exec(name)?.[1] ?? null;

/** What Lightning notes about a training (its progress, its device) is read over: it stands for nothing. */
const isNote = (name: string): boolean =>
	name === 'torch device' || /^(pytorch_lightning|lightning)\.[\w.]+ \w+$/.test(name);

function find(name: string): PickleName | null {
	const known = calls.get(name);
	if (known) return { name, call: known };
	const storage = storageName(name);
	if (storage !== null && Object.hasOwn(storages, storage))
		return { name, call: () => refuse(`calls ${name}`) };
	return isNote(name) ? { name, call: () => null } : null;
}

/** ('storage', class, number of the file, device, elements). */
function persistent(id: unknown): TorchStorage {
	const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
	const name = isObject(type) && 'name' in type ? storageName(String(type.name)) : null;
	const known = name === null ? undefined : storages[name];
	if (kind !== 'storage' || !known || typeof key !== 'string')
		return refuse('stands for something that is no storage');
	return { key, dtype: known[0], bytes: known[1] };
}

export const torchNames: PickleNames = { find, persistent };
