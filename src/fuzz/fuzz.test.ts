/** Every reader takes or refuses 2,000 spoilt files, and those that one of them once did wrong with. */
import { afterAll, describe, expect, test } from 'vitest';
import { caseNames, readCase } from './cases.ts';
import { openFuzzer } from './fuzzer.ts';
import { targets } from './targets.ts';

/** Milliseconds of work for one input. */
const watchdog = 20_000;

const fuzzer = openFuzzer(watchdog);
afterAll(() => fuzzer.close());

describe.each(targets)('$name', { timeout: 120_000 }, ({ name, seeds }) => {
	test('takes its valid files', async () => {
		for (const bytes of seeds())
			expect(await fuzzer.judge(name, bytes)).toEqual({ outcome: 'accepted', said: '' });
	});

	test('takes or refuses spoilt ones', async () => {
		const { inputs, finds } = await fuzzer.run({ target: name, seed: 20, count: 2000 });
		expect(finds.map(({ index, said }) => ({ index, said }))).toEqual([]);
		expect(inputs).toBe(2000);
	});

	test.each(caseNames(name))('takes or refuses case %s', async (file) => {
		const { outcome, said } = await fuzzer.judge(name, readCase(name, file));
		expect(outcome, said).not.toBe('fault');
	});
});
