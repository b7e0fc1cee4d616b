/** The data thread: previews and tables of files, token sequences of stored datasets. */
import { namedError } from '../contract/errors.ts';
import type { ModelConfig } from '../contract/model.ts';
import type { DataApi } from '../contract/dataApi.ts';
import type { DataSpec } from '../contract/spec.ts';
import { type ChatTemplate, createChatTemplate } from '../data/chatTemplate.ts';
import { prepareData } from '../data/prepare.ts';
import { layOutRow } from '../data/templates.ts';
import { createTokenizer, fitTokenizer, type TextTokenizer } from '../data/tokenizer.ts';
import { openDatabase, type LabDatabase } from '../storage/database.ts';
import { readDataset } from '../storage/datasets.ts';
import { openStoredModel } from '../storage/models.ts';
import { checkTasks } from '../tasks/checkTasks.ts';
import { trainedItems } from '../tasks/trainedItems.ts';
import { readChatTemplate } from '../weights/chatTemplate.ts';
import { openModelFolder } from '../weights/folder.ts';
import { readJson } from '../weights/input.ts';
import { fileTasks } from './fileTasks.ts';
import { ownTask } from './ownTask.ts';
import { previewFile, textTable } from './preview.ts';
import { alignedLines, scoreFiles } from './scoreFiles.ts';
import { tokenizeTexts } from './tokenizeTexts.ts';

/** The data interface over the lab's database, which is opened at the first call that needs it. */
export function createData(database: () => Promise<LabDatabase> = openDatabase): DataApi {
	return {
		preview: async (file, mapping, modelId) =>
			previewFile(file, mapping, async () =>
				modelId === undefined ? null : openChat(await database(), modelId),
			),
		table: textTable,
		fileTasks: async (files, choice) => checkTasks(await fileTasks(files, choice)),
		ownTask: async (train, test, choice) => checkTasks(await ownTask(train, test, choice)),
		trainedItems: async (data, tasks) =>
			trainedItems(tasks, await trainedTexts(await database(), data)),
		tokenize: tokenizeTexts,
		score: scoreFiles,
		alignedLines,
		async prepare(modelId, data, onProgress) {
			const db = await database();
			const { tokenizer, config, chatTemplate } = await openTokenizer(db, modelId, data);
			const { record, rows } = await readDataset(db, data.dataset);
			const endToken = endTokenOf(tokenizer, config);
			const { name } = record;
			const { contextLength } = config;
			return prepareData(
				{ name, rows, data, tokenizer, endToken, contextLength, chatTemplate },
				(done, total) => {
					onProgress({ done, total, label: `Tokenising ${name}` });
				},
			);
		},
		async render(modelId, data, row) {
			const db = await database();
			const { record, rows } = await readDataset(db, data.dataset);
			const found = rows[row];
			if (!found) {
				throw namedError(
					'BadInput',
					`dataset "${record.name}" has ${rows.length} rows, there is no row ${row + 1}; choose another`,
				);
			}
			const chatTemplate = data.template === 'chat' ? await openChat(db, modelId) : null;
			const name = `dataset "${record.name}", row ${row + 1}`;
			const { text, answers } = layOutRow(found, data, chatTemplate, name);
			const isAllGraded = data.loss === 'all' || data.template === 'plain';
			return { text, graded: isAllGraded ? [[0, text.length]] : answers };
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

async function openTokenizer(db: LabDatabase, modelId: string, { template }: DataSpec) {
	const sources = await openStoredModel(db, modelId);
	const folder = await openModelFolder(sources, modelId);
	const { config, tokenizerJson, tokenizerConfig } = folder;
	const tokenizer = createTokenizer(tokenizerJson, tokenizerConfig);
	const source = template === 'chat' ? folder.chatTemplate : null;
	const chatTemplate = source === null ? null : createChatTemplate(source, tokenizerConfig);
	return { tokenizer: fitTokenizer(tokenizer, config.vocabularySize), config, chatTemplate };
}

/** The chat template of a stored model, without its tokenizer; null where it has none. */
async function openChat(db: LabDatabase, modelId: string): Promise<ChatTemplate | null> {
	if (modelId === '')
		throw namedError('BadInput', 'choose a model first: its own chat template lays the rows out');
	const sources = await openStoredModel(db, modelId);
	const configFile = sources.find(({ name }) => name === 'tokenizer_config.json');
	const config = configFile ? await readJson(configFile) : {};
	const source = await readChatTemplate(sources, config);
	return source === null ? null : createChatTemplate(source, config);
}

/** The tokenizer's own end-of-sequence token, else the first one the configuration names. */
function endTokenOf(tokenizer: TextTokenizer, config: ModelConfig): number {
	const id = tokenizer.eosTokenId ?? config.eosTokenIds[0];
	if (id !== undefined) return id;
	throw namedError(
		'BadInput',
		'tokenizer_config.json: "eos_token" is missing, and config.json names no "eos_token_id"; add one of them',
	);
}
