/** The name of a run: a fingerprint of what it is, so that the same run is continued and never made twice. */
import type { EvaluationTask } from './evaluation.ts';
import { sha256 } from './sha256.ts';
import { canonicalJson, type RunSpec } from './spec.ts';

/** First 16 hex digits of the SHA-256 of the value's canonical JSON. */
async function fingerprint(value: unknown): Promise<string> {
	const bytes = new TextEncoder().encode(canonicalJson(value));
	return (await sha256(bytes)).slice(0, 16);
}

export function runId(spec: RunSpec): Promise<string> {
	return fingerprint(spec);
}

/** Of what is asked, item by item: results of the same tasks are of the same items, examples and runs. */
export function tasksId(tasks: readonly EvaluationTask[]): Promise<string> {
	return fingerprint(tasks);
}
