/** A study whose browser is killed goes on where it was, and ends with the same table to the last bit. */
import { expect, test } from '@playwright/test';
import { killedStudy, wholeStudy } from './fixtures/killed.ts';
import { lab } from './fixtures/lab.ts';

const short = [
	...['figure-1,figure-3', '--model', 'demo', '--language', 'javanese', '--backend', 'wasm'],
	...['--points', 'front-2,rear-2', '--steps', '8', '--checkpoint-every', '2', '--items', '0:2'],
];

test.beforeEach(async ({ request }) => {
	const model = await request.get('/demo/config.json');
	test.skip(!model.ok(), 'needs the bundled model in public/demo');
});

test('a study killed twice ends with the table of one that was not, and is not run again', async () => {
	const info = test.info();
	const json = info.outputPath('study.json');
	const whole = await wholeStudy(short, json);
	// Two runs, each in both figures, six measures.
	expect(whole.rows).toHaveLength(24);

	const profile = info.outputPath('profile');
	const killed = await killedStudy(short, json, {
		profile,
		kills: 2,
		within: 2_000,
		onKill: (milliseconds) =>
			info.annotations.push({ type: 'killed after', description: `${milliseconds.toFixed(0)} ms` }),
	});
	expect(killed.rows).toEqual(whole.rows);

	const again = await wholeStudy([...short, '--profile', profile], json);
	expect(again.rows).toEqual(whole.rows);
	expect(again.runs.map(({ stored }) => stored)).toEqual([true, true]);
	expect(again.seconds).toBeNull();
});

test('study says what is missing before a browser starts', async () => {
	const refused = async (...args: string[]) => (await lab('study', ...args)).stderr;
	expect(await refused('figure-10')).toContain('"figure-10" is none of figure-1');
	expect(await refused('figure-1')).toContain('--model demo');
	expect(await refused('figure-1', '--model', 'demo', '--tasks', 'words')).toContain('brings its');
	const own = ['figure-1', '--model', 'nowhere', '--data', 'pairs.json'];
	expect(await refused(...own)).toContain('--task-data');
	expect(await refused(...own, '--tasks', 'words', '--task-data', '.')).toContain('no such folder');
});
