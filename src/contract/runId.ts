/** The name of a run: a fingerprint of what it is, so that the same run is continued and never made twice. */
import { sha256 } from './sha256.ts';
import { canonicalJson, type RunSpec } from './spec.ts';

/** First 16 hex digits of the SHA-256 of the specification's canonical JSON. */
export async function runId(spec: RunSpec): Promise<string> {
	const bytes = new TextEncoder().encode(canonicalJson(spec));
	return (await sha256(bytes)).slice(0, 16);
}
