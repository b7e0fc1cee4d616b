import { afterEach, expect, test, vi } from 'vitest';
import { createPause } from './pause.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

test('work goes on for a slice, then the event loop runs and another slice begins', async () => {
	const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
	const pause = createPause();
	const heard: string[] = [];
	setTimeout(() => heard.push('a message'), 0);
	clock.mockReturnValue(1039);
	await expect(pause()).resolves.toBe(false);
	expect(heard).toEqual([]);
	clock.mockReturnValue(1040);
	await expect(pause()).resolves.toBe(true);
	expect(heard).toEqual(['a message']);
	clock.mockReturnValue(1079);
	await expect(pause()).resolves.toBe(false);
	clock.mockReturnValue(1080);
	await expect(pause()).resolves.toBe(true);
});
