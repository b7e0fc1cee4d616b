/** Every call of the training thread over a device that is gone: whoever asks is told that, and nothing raw. */
import 'fake-indexeddb/auto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { trainerWork } from '../contract/doing.ts';
import { errorNames, namedError } from '../contract/errors.ts';
import { guarded } from './guard.ts';
import { createTrainer } from './trainer.ts';

vi.mock(import('./device.ts'), async (original) => {
	const info = { backend: 'webgpu', adapter: 'gone', software: false } as const;
	/** Throws whatever is asked of it, as operations do after their device was lost. */
	const lost = () => {
		throw namedError('DeviceLost', 'The graphics device was lost');
	};
	const ops = new Proxy({ info }, { get: (own, key) => (key === 'info' ? own.info : lost) });
	const device = { ops: ops as never, report: { ...info, reason: 'test' } };
	return { ...(await original()), startDevice: () => Promise.resolve(device) };
});

const folder = '../shared/data/models/stories260K';
const silent = () => undefined;
const started = async () => {
	const trainer = guarded(createTrainer(), trainerWork);
	await trainer.start('webgpu');
	return trainer;
};

test.skipIf(!existsSync(folder))('loading a model', async () => {
	const files = readdirSync(folder)
		.filter((name) => /\.(json|safetensors)$/.test(name))
		.map((name) => new File([readFileSync(`${folder}/${name}`)], name));
	const trainer = await started();
	await expect(trainer.load({ kind: 'files', files }, false, silent)).rejects.toMatchObject({
		name: 'DeviceLost',
		message: 'The graphics device was lost.',
	});
	await expect(
		trainer.generate(
			{
				...{ weights: 'base', prompt: 'x', maximumTokens: 1 },
				...{ temperature: 0, topP: 1, seed: 0 },
			},
			silent,
		),
	).rejects.toMatchObject({
		name: 'NotFound',
		message: expect.stringMatching(/^No model/) as string,
	});
});

test('everything else', async () => {
	vi.spyOn(console, 'error').mockImplementation(silent);
	const trainer = (await started()) as unknown as Record<
		string,
		(...all: unknown[]) => Promise<unknown>
	>;
	const orders = ['limitMemory', 'pause', 'resume', 'step', 'stop', 'cancel', 'start'];
	for (const name of Object.keys(trainerWork).filter((name) => !orders.includes(name))) {
		const error = await trainer[name]!({}, {}, silent).then(
			() => null,
			(reason: unknown) => reason as Error,
		);
		expect(error, name).not.toBeNull();
		expect(errorNames, name).toContain(error!.name);
		expect(error!.message, name).toMatch(/^\S.*\.$/s);
	}
});
