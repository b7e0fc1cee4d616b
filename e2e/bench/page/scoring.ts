/** Sentiment prompts scored two ways in the page: all together, and each label of each prompt by itself. */
import type { Ops } from '../../../src/engine/ops.ts';
import { scoreContinuations } from '../../../src/engine/score.ts';
import { type LoadedModel, loadModel } from '../../../src/session/model.ts';
import type { ScoredTwice, ScoringJob } from './api.ts';

/** Items of the warm-up: kernels are compiled and memory is grown before anything is timed. */
const WARM_UP = 8;

type Items = ScoringJob['items'];

const together = (ops: Ops, { decoder }: LoadedModel, items: Items) =>
	scoreContinuations(ops, decoder, items);

/** With one option alone nothing can be shared. */
async function oneByOne(ops: Ops, { decoder }: LoadedModel, items: Items): Promise<number[][]> {
	const scores: number[][] = [];
	for (const { prompt, options } of items) {
		const own: number[] = [];
		for (const option of options) {
			const [[score = NaN] = []] = await scoreContinuations(ops, decoder, [
				{ prompt, options: [option] },
			]);
			own.push(score);
		}
		scores.push(own);
	}
	return scores;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
	const started = performance.now();
	const result = await work();
	return { result, milliseconds: performance.now() - started };
}

export async function scoreTwice({ backend, files, items }: ScoringJob): Promise<ScoredTwice> {
	const ops =
		backend === 'wasm'
			? await (await import('../../../src/engine/wasm/ops.ts')).createWasmOps()
			: await (await import('../../../src/engine/webgpu/ops.ts')).createWebGpuOps();
	try {
		const opened = files.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name));
		const source = { kind: 'files', files: opened } as const;
		const model = await loadModel(ops, source, false, () => undefined);
		const few = items.slice(0, WARM_UP);
		await together(ops, model, few);
		await oneByOne(ops, model, few);
		const alone = await timed(() => oneByOne(ops, model, items));
		const shared = await timed(() => together(ops, model, items));
		model.release();
		const errors = alone.result.flatMap((row, item) =>
			row.map((score, option) => Math.abs(score - (shared.result[item]?.[option] ?? NaN))),
		);
		return {
			oneByOne: alone.milliseconds,
			together: shared.milliseconds,
			largestScore: Math.max(...alone.result.flat().map(Math.abs)),
			largestError: Math.max(...errors),
		};
	} finally {
		ops.dispose();
	}
}
