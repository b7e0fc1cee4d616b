/** What pretraining of the demo's base model begins with: a folder of random weights, and the texts. */
import { createRandom } from '../engine/random.ts';
import { parseConfig } from '../weights/config.ts';
import { encodeSafetensors } from '../weights/encode.ts';
import { openTensors } from '../weights/safetensors.ts';
import { documents, type World } from './documents.ts';
import { createFacts } from './facts.ts';
import { initialWeights } from './initialWeights.ts';
import { knownLanguages, newLanguages } from './languages.ts';
import { baseConfig, documentCount, phaseOf, seeds } from './recipe.ts';
import { demoTokenizer, tokenizerConfig } from './vocabulary.ts';

/** Contents of the JSON files of the model folder. */
export function folderJson(): Readonly<Record<string, unknown>> {
	return {
		'config.json': baseConfig,
		'tokenizer.json': demoTokenizer(knownLanguages, newLanguages),
		'tokenizer_config.json': tokenizerConfig,
	};
}

/** The random weights as the parts of a safetensors file. */
export function initialSafetensors(): Uint8Array<ArrayBuffer>[] {
	const config = parseConfig(baseConfig, 'config.json');
	return encodeSafetensors(initialWeights(config, seeds.weights), { format: 'pt' });
}

/** The bytes of a `model.safetensors` rounded to bf16, half as large, as parts. Throws `BadInput` where it is damaged. */
export async function shippedSafetensors(trained: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
	const file = {
		name: 'model.safetensors',
		size: trained.length,
		read: (begin: number, end: number) => Promise.resolve(trained.subarray(begin, end)),
	};
	const index = await openTensors([file]);
	const tensors = index.names.map(async (name) => {
		return { name, shape: index.shape(name), data: await index.read(name) };
	});
	return encodeSafetensors(await Promise.all(tensors), { format: 'pt' }, 'BF16');
}

/** The world as the base model meets it: every second fact is stated in the new languages too. */
export function pretrainingWorld(): World {
	const facts = createFacts(seeds.facts);
	return {
		known: knownLanguages,
		added: newLanguages,
		facts,
		newFacts: facts.filter((_, index) => index % 2 === 0),
		statedIn: 'every',
		pairedConcepts: null,
		pairedWith: null,
	};
}

/** JSON lines `{"text": document}`, enough of them for `steps` updates of a phase without repetition. */
export function corpus(phase: number, steps: number): string {
	const random = createRandom(seeds.documents + phase);
	const { mix } = phaseOf(phase);
	const texts = documents(documentCount(steps), mix, pretrainingWorld(), random);
	return texts.map((text) => `${JSON.stringify({ text })}\n`).join('');
}
