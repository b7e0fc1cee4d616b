/** What the dropout kernels are given: every backend drops the same elements. */
import { seedKey } from '../../random.ts';

export interface DropoutParameters {
	/** Mixed into every counter. */
	readonly key: number;
	/** Elements whose random bits are below it are dropped. */
	readonly threshold: number;
	/** What the kept ones are multiplied by. */
	readonly factor: number;
}

export const dropoutParameters = (rate: number, seed: number): DropoutParameters => ({
	key: seedKey(seed),
	threshold: Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32)),
	factor: 1 / (1 - rate),
});
