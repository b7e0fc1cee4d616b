/** Where a model folder keeps its chat template. */
import { badFile } from '../contract/errors.ts';
import * as v from 'valibot';
import type { ByteSource } from '../contract/model.ts';
import { readJson, readText } from './input.ts';

const named = v.array(v.looseObject({ name: v.string(), template: v.string() }));
const byName = v.record(v.string(), v.string());
const KeptSchema = v.looseObject({
	chat_template: v.nullish(v.union([v.string(), named, byName])),
});

/**
 * `chat_template.jinja`, else what `tokenizer_config.json` or `chat_template.json` has: a template, or several with names,
 * of which `default` is the one (as in transformers). Null where there is none. Throws `BadInput` naming the file.
 */
export async function readChatTemplate(
	files: readonly ByteSource[],
	tokenizerConfig: unknown,
): Promise<string | null> {
	const find = (name: string) => files.find((file) => file.name === name);
	const own = find('chat_template.jinja');
	if (own) return readText(own);
	const inConfig = templateIn(tokenizerConfig, 'tokenizer_config.json');
	const legacy = find('chat_template.json');
	return inConfig ?? (legacy ? templateIn(await readJson(legacy), legacy.name) : null);
}

function templateIn(content: unknown, file: string): string | null {
	const kept = v.safeParse(KeptSchema, content);
	if (!kept.success)
		throw badFile(file, '"chat_template" is neither a text nor several with names; correct it');
	const { chat_template: template } = kept.output;
	if (typeof template === 'string' || template == null) return template ?? null;
	const all = Array.isArray(template)
		? new Map(template.map((one) => [one.name, one.template]))
		: new Map(Object.entries(template));
	return all.get('default') ?? null;
}
