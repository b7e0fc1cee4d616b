/** Every reader of untrusted files. A new one is one entry here. */
import type { Target } from './target.ts';
import * as adapters from './targets/adapters.ts';
import * as chats from './targets/chats.ts';
import * as libraries from './targets/libraries.ts';
import * as records from './targets/records.ts';
import * as tables from './targets/tables.ts';
import * as tasks from './targets/tasks.ts';
import * as textFiles from './targets/textFiles.ts';
import * as tokenizers from './targets/tokenizers.ts';
import * as torch from './targets/torch.ts';
import * as weights from './targets/weights.ts';

export const targets: readonly Target[] = [
	...[weights.safetensors, weights.shards, weights.config, weights.encoderConfig, weights.hparams],
	...[adapters.adapterConfig, adapters.adapterTensors],
	...[torch.torchZip, torch.torchPickle],
	...[tokenizers.tokenizerJson, tokenizers.tokenizerConfig, tokenizers.tokenizedTexts],
	...[textFiles.generationConfig, textFiles.specialTokens, textFiles.templateFile],
	...[chats.chatTemplate, chats.chat, chats.chatRows],
	...[tables.json, tables.jsonl, tables.csv, tables.parquet, tables.lines],
	...[tasks.wordList, tasks.translation, tasks.sentiment, tasks.examFile],
	...[tasks.ownTables, tasks.scores],
	...[records.spec, records.specFields, records.kept, records.references],
	...[libraries.archive, ...libraries.libraryDocuments],
];

export function targetNamed(name: string): Target {
	const found = targets.find((target) => target.name === name);
	if (found) return found;
	throw new Error(
		`there is no target "${name}"; there are ${targets.map((target) => target.name).join(', ')}`,
	);
}
