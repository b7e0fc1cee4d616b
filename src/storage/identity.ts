/** Ids made from what they name: equal content, equal id, on every machine. */
import { sha256 } from '../contract/sha256.ts';
import { canonicalJson } from '../contract/spec.ts';

/** The first 128 bits, in hex, of the sha-256 of the value's canonical JSON. */
export async function contentId(value: unknown): Promise<string> {
	const hash = await sha256(new TextEncoder().encode(canonicalJson(value)));
	return hash.slice(0, 32);
}
