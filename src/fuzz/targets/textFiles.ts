/** What of a model folder says where a text ends: either file spoilt, the others whole. */
import { parseConfig } from '../../weights/config.ts';
import { resolveEndTokens } from '../../weights/endTokens.ts';
import { readTextFiles } from '../../weights/textFiles.ts';
import { memorySource } from '../memorySource.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { claim, jsonBytes, type Target } from '../target.ts';
import { tinyConfig } from './tinyModel.ts';

const tokenizer = { added_tokens: [], model: { type: 'BPE', vocab: { '<s>': 1, '</s>': 2 } } };
const folder = {
	'tokenizer.json': jsonBytes(tokenizer),
	'tokenizer_config.json': jsonBytes({ bos_token: '<s>' }),
	'generation_config.json': jsonBytes({ bos_token_id: 1, eos_token_id: [2, 3], temperature: 0.6 }),
	'special_tokens_map.json': jsonBytes({ bos_token: '<s>', eos_token: { content: '</s>' } }),
	'chat_template.json': jsonBytes({ chat_template: [{ name: 'default', template: '{{ a }}' }] }),
};

const spoilt = (name: string, file: keyof typeof folder): Target => ({
	name,
	seeds: () => [folder[file]],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	async read(bytes) {
		const files = Object.entries({ ...folder, [file]: bytes });
		const text = await readTextFiles(files.map(([path, content]) => memorySource(path, content)));
		const config = parseConfig(tinyConfig, 'config.json');
		const { ids, notes } = resolveEndTokens(config, tinyConfig, text);
		claim(
			ids.every((id) => Number.isSafeInteger(id) && id >= 0),
			'an end token is no token',
		);
		for (const note of [...text.notes, ...notes])
			claim(note.length < 2100 && !note.includes('[object '), 'a note is not for people');
	},
});

export const generationConfig = spoilt('generation-config', 'generation_config.json');
export const specialTokens = spoilt('special-tokens', 'special_tokens_map.json');
export const templateFile = spoilt('template-file', 'chat_template.json');
