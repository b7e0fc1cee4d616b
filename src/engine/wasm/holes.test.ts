/** Holes of the heap: merged when neighbours are freed, split when part of one is handed out. */
import { expect, test } from 'vitest';
import { canGrow, createHoles } from './holes.ts';

test('neighbours become one hole, in whatever order they are freed', () => {
	const holes = createHoles();
	holes.add(1000, 500);
	holes.add(3000, 500);
	expect(holes.fits(501)).toBe(false);
	holes.add(1516, 1476);
	expect(holes.fits(2500)).toBe(true);
	expect(holes.fits(2501)).toBe(false);
});

test('what is handed out is a hole no longer', () => {
	const holes = createHoles();
	holes.add(1000, 1000);
	holes.take(1200, 300);
	expect(holes.fits(500)).toBe(true);
	expect(holes.fits(501)).toBe(false);
	holes.take(5000, 100);
	expect(holes.fits(500)).toBe(true);
	holes.take(1500, 500);
	expect(holes.fits(201)).toBe(false);
});

test('the heap must not grow past 4 GiB', () => {
	expect(canGrow(3 * 2 ** 30, 2 ** 29)).toBe(true);
	expect(canGrow(3 * 2 ** 30, 2 ** 30)).toBe(false);
});
