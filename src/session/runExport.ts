/** What a run learned, as a file for other programs. */
import { namedError } from '../contract/errors.ts';
import { embeddingName, headName } from '../engine/model/weights.ts';
import { selectedLayers } from '../selection/positional.ts';
import { newestCheckpoint, readCheckpointTensor } from '../storage/checkpoints.ts';
import type { LabDatabase } from '../storage/database.ts';
import { holdChunks } from '../storage/locks.ts';
import { openStoredModel } from '../storage/models.ts';
import { readRun } from '../storage/runs.ts';
import { encodeAdapter } from '../weights/adapterExport.ts';
import { encodeSafetensors, type NamedTensor } from '../weights/encode.ts';
import { openModelFolder } from '../weights/folder.ts';
import { encodeTar } from '../weights/tar.ts';

/**
 * The trained tensors of a run's newest checkpoint in f32; the rest is as in the base model. Full tuning: safetensors
 * with Hugging Face names. LoRA: a tar archive of one folder, named like the run, that PEFT opens. Rejects with
 * `NotFound` where the run or its first checkpoint is missing.
 */
export async function exportRun(db: LabDatabase, id: string): Promise<File> {
	const { record } = await readRun(db, id);
	const { spec } = record;
	const base = await db.get('models', spec.model);
	return await holdChunks(async () => {
		const checkpoint = await newestCheckpoint(db, id);
		if (!checkpoint) {
			const advice = `one is written every ${spec.checkpointEvery} updates, and on stop`;
			throw namedError('NotFound', `Run ${id} has no checkpoint to export yet; ${advice}.`);
		}
		const weights: NamedTensor[] = [];
		for (const tensor of checkpoint.tensors.filter(({ kind }) => kind === 'weight')) {
			const { name, shape } = tensor;
			weights.push({ name, shape, data: await readCheckpointTensor(db, checkpoint, tensor) });
		}
		const metadata = {
			base_model: base?.record.name ?? spec.model,
			base_model_id: spec.model,
			run: id,
			updates: String(checkpoint.step),
		};
		if (spec.tune === undefined) {
			const parts = encodeSafetensors(weights, { format: 'pt', ...metadata });
			return new File(parts, `${id}.safetensors`, { type: 'application/octet-stream' });
		}
		if (base === undefined)
			throw namedError('NotFound', `The base model of run ${id} was deleted; import it again`);
		// Whether the head is the embedding is told by the files: a record may be older than that rule.
		const { config } = await openModelFolder(
			await openStoredModel(db, spec.model),
			base.record.name,
			'weights',
		);
		const files = encodeAdapter({
			base: base.record.name,
			lora: spec.tune,
			layers: selectedLayers(spec, config.layers),
			tensors: config.tiedEmbeddings && !spec.untie ? withHead(weights) : weights,
			metadata,
		});
		return new File(encodeTar(id, files), `${id}.tar`, { type: 'application/x-tar' });
	});
}

/** PEFT keeps a full copy per module: a matrix that is embedding and head at once goes into both. */
function withHead(weights: readonly NamedTensor[]): NamedTensor[] {
	const embedding = weights.find(({ name }) => name === embeddingName);
	return embedding ? [...weights, { ...embedding, name: headName }] : [...weights];
}
