import { expect, test } from 'vitest';
import { defaultOptimizer, optimizerKinds } from '../../contract/optimizers.mjs';
import { optimizerOf } from './registry.ts';

test('every optimizer that a run may name is there, under its name', () => {
	expect(optimizerKinds.map((kind) => optimizerOf(kind).kind)).toEqual(optimizerKinds);
	expect(optimizerOf().kind).toBe(defaultOptimizer);
});
