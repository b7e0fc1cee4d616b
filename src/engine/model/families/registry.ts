/** The families that the lab computes: the only list of them. */
import { apertus } from './apertus.ts';
import type { Family } from './family.ts';
import { gemma3 } from './gemma3.ts';
import { granite } from './granite.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { olmo2 } from './olmo2.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { smollm3 } from './smollm3.ts';

const families: ReadonlyMap<string, Family> = new Map(
	[llama, mistral, qwen2, qwen3, gemma3, smollm3, olmo2, apertus, granite].map((family) => [
		family.type,
		family,
	]),
);

/** Undefined: no family of the lab says this `model_type` of itself. */
export const familyOf = (type: string): Family | undefined => families.get(type);

/** For messages: every type, and what is known by it. */
export const supported = `supported are ${[...families.values()]
	.map(({ type, known }) => (known === '' ? type : `${type} (${known})`))
	.join(', ')}`;
