/** The data thread: previews and tables of files, token sequences of stored datasets. */
import { namedError } from '../contract/errors.ts';
import type { ModelConfig } from '../contract/model.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi } from '../contract/workers.ts';
import { guessMapping } from '../data/alpaca.ts';
import { prepareData } from '../data/prepare.ts';
import { readTable } from '../data/table.ts';
import { renderRow } from '../data/templates.ts';
import { createTokenizer, type FileTokenizer, fitTokenizer } from '../data/tokenizer.ts';
import { openDatabase, type LabDatabase } from '../storage/database.ts';
import { readDataset } from '../storage/datasets.ts';
import { openStoredModel } from '../storage/models.ts';
import { checkTasks } from '../tasks/checkTasks.ts';
import { trainedItems } from '../tasks/trainedItems.ts';
import { openModelFolder } from '../weights/folder.ts';
import { fileTasks } from './fileTasks.ts';
import { ownTask } from './ownTask.ts';
import { alignedLines, scoreFiles } from './scoreFiles.ts';
import { tokenizeTexts } from './tokenizeTexts.ts';

/** Rows a preview shows. */
const previewRows = 5;

/** The data interface over the lab's database, which is opened at the first call that needs it. */
export function createData(database: () => Promise<LabDatabase> = openDatabase): DataApi {
	return {
		async preview(file) {
			const { columns, rows } = await readTable(file);
			return {
				rows: rows.length,
				columns,
				mapping: guessMapping(columns),
				sample: rows.slice(0, previewRows),
			};
		},
		table: async (file) => (await readTable(file)).rows,
		fileTasks: async (files, choice) => checkTasks(await fileTasks(files, choice)),
		ownTask: async (train, test, choice) => checkTasks(await ownTask(train, test, choice)),
		trainedItems: async (data, tasks) =>
			trainedItems(tasks, await trainedTexts(await database(), data)),
		tokenize: tokenizeTexts,
		score: scoreFiles,
		alignedLines,
		async prepare(modelId, data, onProgress) {
			const db = await database();
			const { tokenizer, config } = await openTokenizer(db, modelId);
			const { record, rows } = await readDataset(db, data.dataset);
			const endToken = endTokenOf(tokenizer, config);
			const { name } = record;
			const { contextLength } = config;
			return prepareData(
				{ name, rows, data, tokenizer, endToken, contextLength },
				(done, total) => {
					onProgress({ done, total, label: `Tokenising ${name}` });
				},
			);
		},
		async render(datasetId, data, row) {
			const { record, rows } = await readDataset(await database(), datasetId);
			const found = rows[row];
			if (!found) {
				throw namedError(
					'BadInput',
					`dataset "${record.name}" has ${rows.length} rows, there is no row ${row + 1}; choose another`,
				);
			}
			const { prompt, response } = renderRow(found, data.template);
			return prompt + response;
		},
	};
}

/** The rows that are trained on, all texts of each as one. */
async function trainedTexts(
	db: LabDatabase,
	{ dataset, rows: chosen, heldOut }: DataSpec,
): Promise<string[]> {
	const { rows } = await readDataset(db, dataset);
	const trained = rows.slice(...(chosen ?? [0, rows.length - heldOut.rows]));
	return trained.map(({ instruction, input, output }) => [instruction, input, output].join('\n'));
}

async function openTokenizer(
	db: LabDatabase,
	modelId: string,
): Promise<{ tokenizer: FileTokenizer; config: ModelConfig }> {
	const sources = await openStoredModel(db, modelId);
	const { config, tokenizerJson, tokenizerConfig } = await openModelFolder(sources, modelId);
	const tokenizer = createTokenizer(tokenizerJson, tokenizerConfig);
	return { tokenizer: fitTokenizer(tokenizer, config.vocabularySize), config };
}

/** The tokenizer's own end-of-sequence token, else the first one the configuration names. */
function endTokenOf(tokenizer: FileTokenizer, config: ModelConfig): number {
	const id = tokenizer.eosTokenId ?? config.eosTokenIds[0];
	if (id !== undefined) return id;
	throw namedError(
		'BadInput',
		'tokenizer_config.json: "eos_token" is missing, and config.json names no "eos_token_id"; add one of them',
	);
}
