import { expect, test } from 'vitest';
import { inTurn } from './inTurn.ts';

test('work is done in order, whatever each takes, and one that fails is told and skipped', async () => {
	const said: string[] = [];
	const turn = inTurn((error) => said.push((error as Error).message));
	const after = (milliseconds: number, name: string) => async () => {
		await new Promise((resolve) => setTimeout(resolve, milliseconds));
		said.push(name);
	};
	turn.add(after(5, 'slow'));
	turn.add(() => Promise.reject(new Error('lost')));
	turn.add(after(0, 'fast'));
	expect(said).toEqual([]);
	await turn.done();
	expect(said).toEqual(['slow', 'lost', 'fast']);
});
