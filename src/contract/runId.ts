/** The name of a run: a fingerprint of what it is, so that the same run is continued and never made twice. */
import { canonicalJson, type RunSpec } from './spec.ts';

/** First 16 hex digits of the SHA-256 of the specification's canonical JSON. */
export async function runId(spec: RunSpec): Promise<string> {
	const bytes = new TextEncoder().encode(canonicalJson(spec));
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
