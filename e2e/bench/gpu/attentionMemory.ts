/** Whether the memory that attention adds grows with the length, not with its square. */

interface Row {
	readonly name: string;
	readonly addedBytes: number;
}

const attention = /^attention\/(.+)\/(\d+)$/;

/**
 * Bytes added for each token by part (`forward`, `forward-and-backward`), the same at every length.
 * Throws where they differ by more than a tenth.
 */
export function attentionBytes(rows: readonly Row[]): ReadonlyMap<string, number> {
	const bytes = new Map<string, number>();
	for (const { name, addedBytes } of rows) {
		const [, part, length] = attention.exec(name) ?? [];
		if (part === undefined) continue;
		const each = addedBytes / Number(length);
		const first = bytes.get(part) ?? each;
		if (!(Math.abs(each - first) <= first / 10))
			throw new Error(
				`${name}: ${each} bytes are added for a token, ${first} at a shorter length; memory is not linear`,
			);
		bytes.set(part, first);
	}
	return bytes;
}
