/** What cannot be put on the device whole leaves nothing there. */
import { expect, test } from 'vitest';
import { optimizerKinds } from '../contract/optimizers.mjs';
import type { Lora } from '../contract/spec.ts';
import { attachAdapters } from './adapters/attach.ts';
import { adaptedLayers, initialAdapter } from './adapters/lora.ts';
import { onEveryBackend } from './kernels/backends.ts';
import { loadDecoder, releaseDecoder } from './model/load.ts';
import type { Ops } from './ops.ts';
import { tinyConfig, tinyDecoder, tinyValues } from './testing.ts';
import { createTrainingState, releaseTrainingState } from './train.ts';

const allocating: ReadonlySet<string> = new Set<keyof Ops>([
	'copy',
	'upload',
	'uploadWeight',
	'zeros',
]);

/** Operations of which only the first `calls` that allocate succeed. */
function limited(ops: Ops, calls: number): Ops {
	let made = 0;
	return new Proxy(ops, {
		get(target, key: keyof Ops) {
			const member: unknown = Reflect.get(target, key);
			if (!allocating.has(key) || typeof member !== 'function') return member;
			return (...args: unknown[]) => {
				if (made++ === calls) throw new Error('no room');
				return Reflect.apply(member, target, args) as unknown;
			};
		},
	});
}

/** `load` fails at every allocation there is, and succeeds at last. */
async function failsEverywhere(ops: Ops, load: (ops: Ops) => Promise<() => void>): Promise<number> {
	const before = ops.memory();
	for (let calls = 0; ; calls++) {
		let release: () => void;
		try {
			release = await load(limited(ops, calls));
		} catch (error) {
			expect(error).toMatchObject({ message: expect.stringContaining('no room') as string });
			expect(ops.memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
			continue;
		}
		release();
		return calls;
	}
}

const tied = { ...tinyConfig, tiedEmbeddings: true };
const lora: Lora = {
	...{ kind: 'lora', rank: 2, alpha: 4, dropout: 0, targets: ['q_proj', 'down_proj'] },
};

onEveryBackend('a load that fails', (ops) => {
	test.each([
		['untied', tinyConfig, false],
		['a head of its own made of a tied one', tied, true],
	] as const)('of a decoder, %s', async (_, config, untie) => {
		const calls = await failsEverywhere(ops(), async (few) => {
			const decoder = await loadDecoder(few, config, tinyValues(), untie);
			return () => {
				releaseDecoder(ops(), decoder);
			};
		});
		expect(calls).toBeGreaterThan(30);
	});

	test('of a decoder whose file ends early', async () => {
		const before = ops().memory().tensors;
		const values = tinyValues();
		let reads = 0;
		const read: typeof values = (name, shape) =>
			reads++ === 7 ? Promise.reject(new Error('the file ends')) : values(name, shape);
		await expect(loadDecoder(ops(), tinyConfig, read, false)).rejects.toThrow('the file ends');
		expect(ops().memory().tensors).toBe(before);
	});

	test('of adapters, and of the states of an optimizer', async () => {
		const decoder = await tinyDecoder(ops());
		const shapes = [...decoder.parameters.values()].map(({ name, tensor: { shape } }) => ({
			...{ name, shape },
		}));
		const layers = adaptedLayers(lora, [0, 1], shapes);
		const adapters = await failsEverywhere(ops(), (few) => {
			const values = (tensor: (typeof shapes)[number]) => initialAdapter(1, tensor);
			const adapted = attachAdapters(few, decoder, lora, layers, values);
			return Promise.resolve(adapted.release);
		});
		expect(adapters).toBe(1 + 2 * layers.length);
		const trainable = new Set(shapes.map(({ name }) => name));
		for (const kind of optimizerKinds)
			await failsEverywhere(ops(), (few) => {
				const state = createTrainingState(few, decoder, trainable, 0, kind);
				return Promise.resolve(() => {
					releaseTrainingState(ops(), state);
				});
			});
		releaseDecoder(ops(), decoder);
	});
});
