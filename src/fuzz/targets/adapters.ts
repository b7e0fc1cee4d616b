/** Adapters as PEFT saves them: either of the two files spoilt, the other whole. */
import type { Lora } from '../../contract/spec.ts';
import { adapterTensorsFile, fitAdapter, readAdapter } from '../../weights/adapter.ts';
import { adapterConfigFile } from '../../weights/adapterConfig.ts';
import { encodeAdapter } from '../../weights/adapterExport.ts';
import { memorySource } from '../memorySource.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { safetensorsMutators } from '../mutate/lengths.ts';
import { type Bytes, joined, type Target } from '../target.ts';
import { filled, tinyShapes } from './tinyModel.ts';

function files(): Map<string, Bytes> {
	const module = 'model.layers.1.self_attn.q_proj';
	const lora: Lora = { kind: 'lora', rank: 2, alpha: 6, dropout: 0.1, targets: ['q_proj'] };
	const tensors = [
		filled(`${module}.lora_A.weight`, 2, 4),
		filled(`${module}.lora_B.weight`, 4, 2),
		filled('model.norm.weight', 4),
	];
	const written = encodeAdapter({ base: 'tiny', lora, layers: [1], tensors });
	return new Map(written.map(({ name, parts }) => [name, joined(parts)]));
}

const whole = (name: string): Bytes => files().get(name) ?? new Uint8Array();

async function open(config: Bytes, tensors: Bytes): Promise<void> {
	const sources = [
		memorySource(adapterConfigFile, config),
		memorySource(adapterTensorsFile, tensors),
	];
	const adapter = await fitAdapter(await readAdapter(sources), tinyShapes);
	for (const { name } of adapter.tensors) await adapter.read(name);
}

const names = [adapterConfigFile, adapterTensorsFile] as const;

export const adapterConfig: Target = {
	name: 'adapter-config',
	seeds: () => [whole(names[0])],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	read: (bytes) => open(bytes, whole(names[1])),
};

export const adapterTensors: Target = {
	name: 'adapter-tensors',
	seeds: () => [whole(names[1])],
	mutators: [...byteMutators, ...safetensorsMutators, ...safetensorsMutators],
	read: (bytes) => open(whole(names[0]), bytes),
};
