/** Numbers at which readers go wrong. */

/** As 64-bit patterns: 0, small ones, and the ends of signed and unsigned words. */
export const words: readonly bigint[] = [
	...[0n, 1n, 2n, 7n, 8n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, 0xff_ffffn],
	...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n],
	...[2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 100_000_000n, 100_000_001n],
];

/** As JSON or text may spell them; some are not JSON. */
export const spellings: readonly string[] = [
	...['0', '-0', '1', '-1', '2', '3', '0.5', '1.0', '-0.0', '1e-320', '255', '256', '65536'],
	...['2147483647', '2147483648', '4294967295', '4294967296', '1e6', '1e9', '1e12', '1e308'],
	...['9007199254740991', '9007199254740993', '18446744073709551616', '1e999', '-1e999', '-1e308'],
	...['NaN', 'Infinity', '-Infinity', '01', '+1', '1.', '.5', '0x10', '1_000'],
];
