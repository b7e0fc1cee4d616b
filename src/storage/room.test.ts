/** What browsers without such files, and files that take less than they are given, say of the room on the disk. */
import { beforeEach, expect, test, vi } from 'vitest';
import { originFolder } from './originFiles.ts';
import { originFiles } from './originTesting.ts';
import { giveBackReserve, MARGIN, RESERVE, roomFor } from './room.ts';

const getDirectory = (value: unknown) => Object.assign(navigator.storage, { getDirectory: value });

beforeEach(() => {
	originFiles();
});

test('whether bytes fit is told to the byte, and costs nothing but the reserve', async () => {
	const disk = originFiles(RESERVE + MARGIN);
	expect(await roomFor(MARGIN)).toBe(true);
	expect(await roomFor(MARGIN + 1)).toBe(false);
	expect(disk.used()).toBe(RESERVE);
	expect(await giveBackReserve(RESERVE + MARGIN)).toBe(true);
	expect(await giveBackReserve(RESERVE + MARGIN + 1)).toBe(false);
	expect(disk.used()).toBe(0);
});

test('where not even the reserve fits, none of it stays in the way', async () => {
	const disk = originFiles(RESERVE - 1);
	expect(await roomFor(0)).toBe(false);
	expect(disk.used()).toBe(0);
	disk.capacity = RESERVE;
	expect(await roomFor(0)).toBe(true);
	expect(disk.used()).toBe(RESERVE);
});

test.each<[string, unknown]>([
	['there is no such file system', undefined],
	['it is blocked', () => Promise.reject(new DOMException('denied', 'SecurityError'))],
	[
		'its folder cannot be made',
		() => Promise.resolve({ getDirectoryHandle: () => Promise.reject(new Error('x')) }),
	],
])('nothing can be told where %s', async (_, given) => {
	getDirectory(given);
	expect(await originFolder()).toBeNull();
	expect(await roomFor(0)).toBeNull();
	expect(await giveBackReserve(0)).toBeNull();
});

test('the folder of these files is made where it is not there yet', async () => {
	const getDirectoryHandle = vi.fn(() => Promise.resolve('folder'));
	getDirectory(() => Promise.resolve({ getDirectoryHandle }));
	expect(await originFolder()).toBe('folder');
	expect(getDirectoryHandle).toHaveBeenCalledWith('storage', { create: true });
});

/** A folder whose one file takes what `write` says of it, and is opened as `open` does. */
function fileThat(write: (part: Uint8Array, at: number) => number, open?: () => never) {
	let size = 0;
	const file = {
		getSize: () => size,
		truncate: vi.fn((to: number) => (size = to)),
		write: vi.fn((part: Uint8Array, { at }: { at: number }) => {
			const taken = write(part, at);
			size = Math.max(size, at + taken);
			return taken;
		}),
		close: vi.fn(),
	};
	const createSyncAccessHandle = () => Promise.resolve(open ? open() : file);
	const getFileHandle = vi.fn(() => Promise.resolve({ createSyncAccessHandle }));
	const folder = { getFileHandle };
	getDirectory(() => Promise.resolve({ getDirectoryHandle: () => Promise.resolve(folder) }));
	return { file, getFileHandle };
}

test('real bytes are written, each once, in pieces no larger than a megabyte', async () => {
	const { file, getFileHandle } = fileThat(({ length }) => length);
	expect(await roomFor(1)).toBe(true);
	expect(getFileHandle).toHaveBeenCalledWith('reserve', { create: true });
	const pieces = file.write.mock.calls.map(([part, { at }]) => [at, part.length]);
	const megabyte = 2 ** 20;
	expect(pieces).toEqual([
		...Array.from({ length: 16 }, (_, index) => [index * megabyte, megabyte]),
		[16 * megabyte, 1],
	]);
	expect(file.truncate.mock.calls).toEqual([[RESERVE]]);
	expect(file.close).toHaveBeenCalledTimes(1);
	// What is there is not written again.
	file.write.mockClear();
	expect(await roomFor(0)).toBe(true);
	expect(file.write).not.toHaveBeenCalled();
});

test('a piece of which less is taken did not fit', async () => {
	const { file } = fileThat(({ length }, at) => (at < MARGIN ? length : length - 1));
	expect(await roomFor(0)).toBe(false);
	expect(file.truncate.mock.calls).toEqual([[0]]);
	expect(await giveBackReserve(MARGIN)).toBe(true);
	expect(await giveBackReserve(MARGIN + 1)).toBe(false);
	expect(file.truncate.mock.calls.at(-1)).toEqual([0]);
	expect(file.close).toHaveBeenCalledTimes(3);
});

test('a file that cannot be opened, or not be cut, tells nothing, and is closed', async () => {
	fileThat(
		({ length }) => length,
		() => {
			throw new DOMException('locked', 'NoModificationAllowedError');
		},
	);
	expect(await roomFor(0)).toBeNull();
	const { file } = fileThat(({ length }) => length);
	file.truncate.mockImplementation(() => {
		throw new DOMException('lost', 'InvalidStateError');
	});
	expect(await giveBackReserve(0)).toBeNull();
	expect(file.close).toHaveBeenCalledTimes(1);
});
