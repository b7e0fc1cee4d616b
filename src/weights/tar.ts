/** Tar archives (POSIX.1-1988 ustar), for what has to travel as a folder. */

export interface ArchivedFile {
	/** ASCII, at most 100 characters with the folder. */
	readonly name: string;
	readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

/** Archives are made of blocks of so many bytes. */
export const tarBlock = 512;

/** Parts of a Blob: the files under `folder`, in the order given. The arrays are referred to, not copied. */
export function encodeTar(
	folder: string,
	files: readonly ArchivedFile[],
): Uint8Array<ArrayBuffer>[] {
	const parts: Uint8Array<ArrayBuffer>[] = [];
	for (const { name, parts: content } of files) {
		const size = content.reduce((sum, { length }) => sum + length, 0);
		parts.push(tarHeader(`${folder}/${name}`, size), ...content, tarPadding(size));
	}
	return [...parts, tarEnd()];
}

/** What follows the bytes of a file. */
export const tarPadding = (size: number): Uint8Array<ArrayBuffer> =>
	new Uint8Array((tarBlock - (size % tarBlock)) % tarBlock);

/** What follows the last file. */
export const tarEnd = (): Uint8Array<ArrayBuffer> => new Uint8Array(2 * tarBlock);

/** What precedes the bytes of a file. Offsets of the fields as `pax` states them; numbers are octal text. */
export function tarHeader(path: string, size: number): Uint8Array<ArrayBuffer> {
	if (path.length > 100 || size >= 8 ** 11)
		throw new Error(
			`${path}, ${size} bytes: too long a path or too large a file for a tar archive`,
		);
	const bytes = new Uint8Array(tarBlock);
	const write = (at: number, text: string) => {
		bytes.set(new TextEncoder().encode(text), at);
	};
	const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
	write(0, path);
	write(100, octal(0o644, 7));
	write(108, octal(0, 7));
	write(116, octal(0, 7));
	write(124, octal(size, 11));
	write(136, octal(0, 11));
	// The checksum counts itself as spaces.
	write(148, ' '.repeat(8));
	write(156, '0');
	write(257, 'ustar\x0000');
	write(148, `${tarChecksum(bytes).toString(8).padStart(6, '0')}\0 `);
	return bytes;
}

/** Of a header: the sum of its bytes, its own field counted as spaces. */
export function tarChecksum(header: Uint8Array): number {
	return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}
