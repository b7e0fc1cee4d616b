/** A file in memory, as the readers of weights ask for it. */
import type { ByteSource } from '../contract/model.ts';
import type { Bytes } from './target.ts';

/** A reader that asks for bytes the file does not have is at fault: a disk or a server would answer it in their own way. */
export function memorySource(name: string, bytes: Bytes): ByteSource {
	return {
		name,
		size: bytes.length,
		read(begin, end) {
			if (!(begin >= 0 && begin <= end && end <= bytes.length))
				return Promise.reject(new Error(`asks for bytes outside the file`));
			return Promise.resolve(bytes.slice(begin, end));
		},
	};
}
