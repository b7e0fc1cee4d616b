import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { kernelChoices } from './kernelChoices.ts';
import './testing.ts';

const choice = [{ from: 0, kernel: 'tiled 64' }];

test('gives back what was kept under a key, also to the next who opens the database', async () => {
	const open = () => openDatabase('kernel-choices');
	await kernelChoices(open).set('one adapter', choice);
	expect(await kernelChoices(open).get('one adapter')).toEqual(choice);
	expect(await kernelChoices(open).get('another')).toBeUndefined();
});

test('is no hindrance where there is no database', async () => {
	const choices = kernelChoices(() => Promise.reject(new Error('storage is switched off')));
	await choices.set('one adapter', choice);
	expect(await choices.get('one adapter')).toBeUndefined();
});
