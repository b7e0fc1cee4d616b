/**
 * `npm run bench -- slice`: one training step of two layers with Llama-2-7B's sizes and random weights, on WebGPU in plain
 * Node (Dawn on a Vulkan driver, here one that runs on the CPU). Loss, gradient norm and the movement of every trained
 * tensor must be those of float32 in plain arrays, and the bytes those of the forecast. Takes minutes and 6 GB.
 */
import { writeFile } from 'node:fs/promises';
import { installDawn } from './dawn.ts';
import { machine } from './machine.ts';

/** Relative error of loss, gradient norm and movement; of the bytes, as part of the forecast. */
const ALLOWED = { error: 2e-2, bytes: 1e-2 } as const;

interface Options {
	readonly json: string | null;
	readonly only: string;
}

export async function run({ json, only }: Options): Promise<void> {
	await installDawn();
	const { createReferenceOps } = await import('../../src/engine/reference/ops.ts');
	const { createWebGpuOps } = await import('../../src/engine/webgpu/ops.ts');
	const { llama2Slice, sliceCases, sliceErrors, sliceStep } =
		await import('../../src/engine/slice.ts');
	// A few kernels are used once: most would be compiled for nothing.
	const ops = await createWebGpuOps({ compileAhead: false });
	const rows = [];
	for (const slice of sliceCases) {
		if (!slice.name.includes(only)) continue;
		const found = await sliceStep(ops, llama2Slice, slice, false);
		console.log(
			`${slice.name}: ${ops.info.adapter} ${found.seconds.toFixed(1)} s, loss ${found.loss}`,
		);
		const expected = await sliceStep(createReferenceOps(), llama2Slice, slice, true);
		const errors = sliceErrors(found, expected);
		const { forecast, measured } = found;
		const share = measured.total / forecast.total;
		const passed =
			Math.max(...Object.values(errors)) <= ALLOWED.error && Math.abs(share - 1) <= ALLOWED.bytes;
		const { loss, gradientNorm, seconds } = found;
		rows.push({ ...slice, loss, gradientNorm, seconds, errors, forecast, measured, share, passed });
		console.log(
			`${passed ? 'ok  ' : 'MISS'} errors: loss ${errors.loss.toExponential(1)}, gradient norm ` +
				`${errors.gradientNorm.toExponential(1)}, movement ${errors.moved.toExponential(1)}; ` +
				`bytes ${measured.total}, ${share.toFixed(4)} of the forecast`,
		);
	}
	ops.dispose();
	if (json !== null) {
		const result = { adapter: ops.info.adapter, ...(await machine(null)), allowed: ALLOWED, rows };
		await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
	}
	if (rows.some(({ passed }) => !passed)) throw new Error('the bar was missed');
}
