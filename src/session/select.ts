/** Scores of the loaded model's layers, by which they are chosen. */
import { namedError } from '../contract/errors.ts';
import type { TextSet } from '../contract/evaluation.ts';
import type { LanguageNeurons, LayerScores, ScoreRequest } from '../contract/selection.ts';
import type { Progress } from '../contract/progress.ts';
import { createPause } from '../data/pause.ts';
import { countActivations } from '../engine/activations.ts';
import { linearLayers } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { batches, TOKENS_AT_ONCE } from '../engine/asked.ts';
import { fisherScores } from '../selection/fisher.ts';
import { heavyTailScores, type Spectra, spectraHere } from '../selection/heavyTail.ts';
import { languageNeurons, lapeScores, publishedRates } from '../selection/lape.ts';
import { rankLayers } from '../selection/ranking.ts';
import type { LoadedModel } from './model.ts';
import { withSpectra } from './spectra.ts';

interface ScoreControl {
	readonly onProgress: (progress: Progress) => void;
	/** Throws `Cancelled` where the user has asked to stop. */
	readonly check: () => void;
}

/** Scores of the model as it is loaded. Rejects with `Cancelled`. */
export async function scoreLayers(
	ops: Ops,
	model: LoadedModel,
	request: ScoreRequest,
	control: ScoreControl,
): Promise<LayerScores> {
	control.check();
	const { scores, languages } = await scoresOf(ops, model, request, control);
	return { scores, ranking: rankLayers(scores), languages };
}

async function scoresOf(
	ops: Ops,
	model: LoadedModel,
	request: ScoreRequest,
	control: ScoreControl,
): Promise<Pick<LayerScores, 'scores' | 'languages'>> {
	const { decoder } = model;
	const report = (done: number, total: number, label: string) => {
		control.check();
		control.onProgress({ done, total, label });
	};
	switch (request.method) {
		case 'heavy-tail': {
			const total = decoder.blocks.flatMap(linearLayers).length;
			const tell = (done: number) => {
				report(done, total, 'Spectra of the weights');
			};
			const score = (spectra: Spectra) => heavyTailScores(ops, decoder, request.cut, spectra, tell);
			const scores =
				typeof Worker === 'undefined'
					? await score(spectraHere(checking(control)))
					: await withSpectra(control.check, score);
			return { scores, languages: [] };
		}
		case 'fisher': {
			checkRows(request);
			const tell = (done: number, total: number) => {
				report(done, total, 'Gradients of single rows');
			};
			const { block, aggregation } = request;
			return {
				scores: await fisherScores(ops, decoder, block, aggregation, tell),
				languages: [],
			};
		}
		case 'lape':
			return countNeurons(ops, model, request.languages, report);
	}
}

/** Where there are no threads (Node): lets this one hear, then asks whether to stop. */
function checking({ check }: ScoreControl): () => Promise<void> {
	const pause = createPause();
	return async () => {
		if (await pause()) check();
	};
}

function checkRows({ block, rows }: ScoreRequest & { method: 'fisher' }): void {
	if (block.count >= rows) return;
	throw namedError(
		'BadInput',
		`Fisher scores of ${rows} rows were asked for, and ${block.count} rows have a token to predict; ` +
			'take more data, or ask for fewer rows',
	);
}

/** A language's tokens, joined without special tokens, in sequences of the context's length; the last one is shorter. */
function sequencesOf(model: LoadedModel, { language, texts }: TextSet): number[][] {
	const tokenizer = model.needTokenizer();
	const ids = texts.flatMap((text) => tokenizer.encode(text, { special: false }));
	if (ids.length === 0)
		throw namedError('BadInput', `LAPE, ${language}: its texts have no token; add some`);
	const length = Math.min(model.decoder.config.contextLength, TOKENS_AT_ONCE);
	return Array.from({ length: Math.ceil(ids.length / length) }, (_, i) =>
		ids.slice(i * length, (i + 1) * length),
	);
}

/** Whether sequences are equally long, and few enough for one pass. */
const areRunTogether = (some: readonly (readonly number[])[]): boolean => {
	const [first = [], last = []] = [some[0], some.at(-1)];
	return first.length === last.length && some.length * first.length <= TOKENS_AT_ONCE;
};

async function countNeurons(
	ops: Ops,
	model: LoadedModel,
	languages: readonly TextSet[],
	report: (done: number, total: number, label: string) => void,
): Promise<Pick<LayerScores, 'scores' | 'languages'>> {
	if (languages.length < 2)
		throw namedError(
			'BadInput',
			`LAPE compares languages and got ${languages.length}; give texts of two or more`,
		);
	const { blocks, config } = model.decoder;
	const work = languages.map((set) => ({
		language: set.language,
		sequences: sequencesOf(model, set),
		active: blocks.map(() => new Uint32Array(config.intermediateSize)),
	}));
	const tokens = work.map(({ sequences }) => sequences.reduce((sum, ids) => sum + ids.length, 0));
	const total = tokens.reduce((sum, count) => sum + count, 0);
	let done = 0;
	for (const { language, sequences, active } of work)
		for (const some of batches(sequences, areRunTogether)) {
			await countActivations(ops, model.decoder, some, active);
			done += some.flat().length;
			report(done, total, `Tokens, ${language}`);
		}
	const counts = { active: work.map(({ active }) => active), tokens };
	const neurons = languageNeurons(counts, publishedRates);
	return {
		scores: lapeScores(neurons),
		languages: work.map(({ language }, at): LanguageNeurons => ({
			language,
			tokens: tokens[at] ?? 0,
			neurons: (neurons[at] ?? []).map(({ length }) => length),
		})),
	};
}
