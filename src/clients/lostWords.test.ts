import { expect, test } from 'vitest';
import { lostWords } from './lostWords.ts';

test('a lost library is told by what it held and when', () => {
	const seenAt = Date.UTC(2026, 10, 30, 12);
	const lost = { models: 1, datasets: 0, runs: 3, seenAt, noticedAt: seenAt + 1 };
	const { message, advice } = lostWords(lost);
	expect(message).toMatch(/^On 30 November 2026 at \d\d:00 it held 1 model and 3 runs;/);
	expect(advice).toContain('mirror');
});
