/** Equal specifications share an id, whatever the order of their fields; different ones do not. */
import { expect, it } from 'vitest';
import { defaultSpec } from './defaults.ts';
import { runId } from '../contract/runId.ts';

const spec = defaultSpec(
	{ id: 'm', parameters: 7e9, config: { layers: 5, contextLength: 512 } },
	{ id: 'd', rows: 1000 },
);

it('depends on the content, not on the order of the fields', async () => {
	const reordered = Object.fromEntries(Object.entries(spec).reverse()) as typeof spec;
	expect(await runId(spec)).toMatch(/^[0-9a-f]{16}$/);
	expect(await runId(reordered)).toBe(await runId(spec));
	expect(await runId({ ...spec, seed: spec.seed + 1 })).not.toBe(await runId(spec));
});
