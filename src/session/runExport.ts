/** What a run learned, as a file for other programs. */
import { namedError } from '../contract/errors.ts';
import { newestCheckpoint, readCheckpointTensor } from '../storage/checkpoints.ts';
import type { LabDatabase } from '../storage/database.ts';
import { holdChunks } from '../storage/locks.ts';
import { readRun } from '../storage/runs.ts';
import { encodeSafetensors, type NamedTensor } from '../weights/encode.ts';

/**
 * The trained tensors of a run's newest checkpoint as safetensors in f32, Hugging Face names; the rest is as in
 * the base model. Rejects with `NotFound` where the run or its first checkpoint is missing.
 */
export async function exportRun(db: LabDatabase, id: string): Promise<Blob> {
	const { record } = await readRun(db, id);
	const base = await db.get('models', record.spec.model);
	return await holdChunks(async () => {
		const checkpoint = await newestCheckpoint(db, id);
		if (!checkpoint) {
			const advice = `one is written every ${record.spec.checkpointEvery} updates, and on stop`;
			throw namedError('NotFound', `Run ${id} has no checkpoint to export yet; ${advice}.`);
		}
		const weights: NamedTensor[] = [];
		for (const tensor of checkpoint.tensors.filter(({ kind }) => kind === 'weight')) {
			const { name, shape } = tensor;
			weights.push({ name, shape, data: await readCheckpointTensor(db, tensor) });
		}
		const metadata = {
			format: 'pt',
			base_model: base?.record.name ?? record.spec.model,
			base_model_id: record.spec.model,
			run: id,
			updates: String(checkpoint.step),
		};
		return new Blob(encodeSafetensors(weights, metadata), { type: 'application/octet-stream' });
	});
}
