/** Checkpoints of torch.save: the archive, and the pickle in it. */
import { readCometOptions } from '../../weights/cometOptions.ts';
import { indexTensors } from '../../weights/safetensors.ts';
import { openTorchCheckpoint } from '../../weights/torch/checkpoint.ts';
import {
	dictionaryPickle,
	op,
	tensorPickle,
	wholePickle,
	zipOf,
} from '../../weights/torch/testing.ts';
import { memorySource } from '../memorySource.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { zipMutators } from '../mutate/lengths.ts';
import { pickleMutators } from '../mutate/pickle.ts';
import type { Bytes, Target } from '../target.ts';

const numbers = [...new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)];

const archive = (pickle: readonly number[]): Bytes =>
	new Uint8Array(
		zipOf([
			{ name: 'model/data.pkl', bytes: pickle },
			{ name: 'model/byteorder', bytes: [...new TextEncoder().encode('little')] },
			{ name: 'model/data/0', bytes: numbers },
		]),
	);

const parameter = [
	...[...op.name('torch._utils', '_rebuild_parameter'), ...op.mark],
	...[...tensorPickle('0', [3], [1], 0, 'HalfStorage'), ...op.no, ...op.tuple, ...op.reduce],
];

const pickles = (): number[][] => [
	wholePickle(dictionaryPickle({ w: parameter })),
	wholePickle(
		dictionaryPickle({
			state_dict: dictionaryPickle({ w: tensorPickle('0', [2, 2], [2, 1], 2) }),
			hyper_parameters: dictionaryPickle({ pool: op.text('avg'), layer_norm: op.no }),
		}),
	),
];

async function open(bytes: Bytes): Promise<void> {
	const source = memorySource('model.ckpt', bytes);
	const { tensors, hyperparameters } = await openTorchCheckpoint(source);
	readCometOptions(hyperparameters, 'model.ckpt');
	const index = indexTensors(new Map(tensors.map((entry) => [entry.name, entry])), 'model.ckpt');
	for (const name of index.names) await index.read(name);
}

export const torchZip: Target = {
	name: 'torch-zip',
	seeds: () => pickles().map(archive),
	mutators: [...byteMutators, ...zipMutators],
	read: open,
};

export const torchPickle: Target = {
	name: 'torch-pickle',
	seeds: () => pickles().map((pickle) => Uint8Array.from(pickle)),
	mutators: [...byteMutators, ...pickleMutators, ...pickleMutators],
	read: (bytes) => open(archive([...bytes])),
};
