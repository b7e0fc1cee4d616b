import { expect, test } from 'vitest';
import {
	amount,
	bytes,
	counted,
	duration,
	fixed,
	percent,
	readable,
	scientific,
	signed,
} from './format.ts';

test('bytes take the unit that reads best', () => {
	expect([0, 900, 1536, 150 * 1024, 3.5 * 1024 ** 3].map(bytes)).toEqual([
		'0 bytes',
		'900 bytes',
		'1.5 KiB',
		'150 KiB',
		'3.5 GiB',
	]);
});
test('amounts keep three digits', () => {
	expect([64, 260_032, 1_234_567, 6_738_415_616].map(amount)).toEqual([
		'64',
		'260 thousand',
		'1.23 million',
		'6.74 billion',
	]);
});
test('one is one, more are more', () => {
	expect([0, 1, 1200].map((count) => counted(count, 'run'))).toEqual([
		'0 runs',
		'1 run',
		'1,200 runs',
	]);
});
test('percent shows small shares and whole ends', () => {
	expect([0, 0.0000004, 0.0004, 0.1416, 0.99, 292736 / 292800, 1].map(percent)).toEqual([
		'0 %',
		'0.01 %',
		'0.04 %',
		'14.2 %',
		'99.0 %',
		'99.98 %',
		'100 %',
	]);
});
test('durations use two units', () => {
	expect([12.4, 65, 3725, 0].map(duration)).toEqual(['12 s', '1 min 5 s', '1 h 2 min', '0 s']);
});
test('learning rates stay short', () => {
	expect([0.001, 5e-5, 1e-8, 0, 0.0002].map(scientific)).toEqual([
		'0.001',
		'5e-5',
		'1e-8',
		'0',
		'2e-4',
	]);
});
test('differences carry their sign', () => {
	expect([signed(-4.35), signed(0.5, 2), fixed(2.32)]).toEqual(['−4.350', '+0.50', '2.320']);
});
test('generated text loses its runs of blank lines, not its words', () => {
	expect(readable('\n\n\n')).toBe('');
	expect(readable(' Aku\n \n\n\nkowe\nlan\n')).toBe('Aku\n\nkowe\nlan');
});
