/** A checkpoint of torch.save in zip form: which tensors it holds and where their bytes lie. Nothing is executed. */
import { badFile } from '../../contract/errors.ts';
import type { ByteSource } from '../../contract/model.ts';
import type { TensorEntry } from '../header.ts';

import { readPickle } from './pickle.ts';
import { isTensor, type TorchTensor, torchNames } from './names.ts';
import { openStoredZip, type StoredFile } from './zip.ts';

export interface TorchCheckpoint {
	readonly tensors: readonly TensorEntry[];
	/** `hyper_parameters` as Lightning keeps them; empty where there are none. */
	readonly hyperparameters: ReadonlyMap<string, unknown>;
}

/** The list of 1000 tensors takes 140 kB; hostile bytes can become 200 times as many in memory. */
const mostBytes = 2 ** 20;

/**
 * Reads the list of tensors: `state_dict` of the stored dictionary, or the dictionary itself.
 * Throws `BadInput` naming the file, and the tensor, or the opcode and its byte, that cannot be taken.
 */
export async function openTorchCheckpoint(source: ByteSource): Promise<TorchCheckpoint> {
	const files = await openStoredZip(source);
	const pickles = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
	const [pickle] = pickles;
	if (pickle === undefined || pickles.length > 1)
		throw badFile(
			source.name,
			`${pickles.length} files data.pkl in it; it is no checkpoint of torch.save`,
		);
	const folder = pickle.slice(0, -'data.pkl'.length);
	await checkByteOrder(source, files.get(`${folder}byteorder`));
	const bytes = await readStored(source, files.get(pickle));
	const root = readPickle(bytes, `${source.name} (${pickle})`, torchNames);
	if (!(root instanceof Map))
		throw badFile(source.name, 'no dictionary in it; it is no checkpoint of a model');
	const top = root as Map<unknown, unknown>;
	const state = top.get('state_dict') ?? top;
	if (!(state instanceof Map))
		throw badFile(source.name, 'no dictionary of tensors in it; it is no checkpoint of a model');
	const named = [...(state as Map<unknown, unknown>)].map(([name, value]) => {
		if (typeof name !== 'string')
			throw badFile(
				source.name,
				'state_dict has a key that is no text; save names of tensors only',
			);
		if (isTensor(value)) return [name, value] as const;
		throw badFile(source.name, `state_dict["${name}"] is no tensor`);
	});
	const tensors = await Promise.all(
		named.map(([name, tensor]) =>
			place(source, name, tensor, files.get(`${folder}data/${tensor.storage.key}`)),
		),
	);
	return {
		tensors,
		hyperparameters: textKeys(top.get('hyper_parameters')),
	};
}

function textKeys(value: unknown): Map<string, unknown> {
	const found = new Map<string, unknown>();
	if (!(value instanceof Map)) return found;
	for (const [key, content] of value as Map<unknown, unknown>)
		if (typeof key === 'string') found.set(key, content);
	return found;
}

async function readStored(source: ByteSource, file: StoredFile | undefined): Promise<Uint8Array> {
	if (file === undefined) return new Uint8Array();
	if (file.size > mostBytes)
		throw badFile(source.name, `"${file.name}" in it has ${file.size} bytes, which no model needs`);
	const begin = await file.begin();
	return source.read(begin, begin + file.size);
}

async function checkByteOrder(source: ByteSource, file: StoredFile | undefined): Promise<void> {
	if (file === undefined) return;
	const order = new TextDecoder().decode(await readStored(source, file)).trim();
	if (order === 'little') return;
	throw badFile(source.name, `its numbers are in ${order}-endian order; only little can be read`);
}

/** The bytes of a tensor, checked to lie inside its storage and in one piece. */
async function place(
	source: ByteSource,
	name: string,
	{ storage, offset, shape, stride }: TorchTensor,
	file: StoredFile | undefined,
): Promise<TensorEntry> {
	const fail = (problem: string) => badFile(source.name, `tensor "${name}" ${problem}`);
	if (file === undefined) throw fail(`has its numbers in file ${storage.key}, which is missing`);
	const count = shape.reduce((product, size) => product * size, 1);
	let expected = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		const size = shape[axis] ?? 1;
		if (size > 1 && stride[axis] !== expected)
			throw fail(`is stored with strides [${stride.join()}]; save it contiguous`);
		expected *= size;
	}
	const first = offset * storage.bytes;
	const length = count * storage.bytes;
	if (!(first + length <= file.size))
		throw fail(
			`of ${storage.dtype} [${shape.join()}] needs bytes ${first} to ${first + length} of file ${storage.key}, ` +
				`which has ${file.size}; download it again`,
		);
	const begin = (await file.begin()) + first;
	return { source, name, dtype: storage.dtype, shape, begin, end: begin + length };
}
