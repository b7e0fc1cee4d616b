import { expect, test, vi } from 'vitest';
import { listFiles, readFile, removeFile, writeFile } from './files.ts';
import { filesOf, folderHandle, type Tree } from './testing.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A folder of files and folders; a name that ends with a slash is an empty folder. */
function treeOf(paths: readonly string[]): Tree {
	const tree: Tree = new Map();
	for (const path of paths) {
		const names = path.split('/');
		const name = names.pop()!;
		let folder = tree;
		for (const part of names) {
			const inner = (folder.get(part) ?? new Map()) as Tree;
			folder.set(part, inner);
			folder = inner;
		}
		if (name) folder.set(name, bytesOf(path));
	}
	return tree;
}

/** A folder that fails at everything in this way. */
function failing(error: Error): FileSystemDirectoryHandle {
	const fail = () => Promise.reject(error);
	const handle = { getDirectoryHandle: fail, getFileHandle: fail, removeEntry: fail };
	return handle as unknown as FileSystemDirectoryHandle;
}

test('a file is written of its pieces, folders are made on the way, and what was there is replaced', async () => {
	const tree: Tree = new Map();
	const root = folderHandle(tree);
	await writeFile(root, 'a/b/c.txt', [bytesOf('one '), bytesOf('two')]);
	expect(await (await readFile(root, 'a/b/c.txt'))?.text()).toBe('one two');
	await writeFile(root, 'a/b/c.txt', [bytesOf('three')]);
	await writeFile(root, 'd.txt', []);
	expect([...filesOf(tree).keys()]).toEqual(['a/b/c.txt', 'd.txt']);
	expect(await (await readFile(root, 'a/b/c.txt'))?.text()).toBe('three');
});

test('a write that fails is given up, leaves the former file, and tells its own reason', async () => {
	const tree = treeOf(['a.txt']);
	const root = folderHandle(tree);
	const abort = vi.fn(() => Promise.reject(new Error('nothing to give up')));
	const handle = await root.getFileHandle('a.txt');
	const writable = Object.assign(await handle.createWritable(), { abort });
	Object.assign(handle, { createWritable: () => Promise.resolve(writable) });
	vi.spyOn(root, 'getFileHandle').mockResolvedValue(handle);
	async function* torn() {
		yield bytesOf('half');
		await Promise.reject(new Error('device lost'));
	}
	await expect(writeFile(root, 'a.txt', torn())).rejects.toThrow('device lost');
	expect(abort).toHaveBeenCalledTimes(1);
	expect(await filesOf(tree).get('a.txt')?.text()).toBe('a.txt');
});

test.each(['none.txt', 'none/a.txt', 'a/none.txt'])(
	'%s is not there, and no matter',
	async (path) => {
		const tree = treeOf(['a/b.txt']);
		expect(await readFile(folderHandle(tree), path)).toBeNull();
		await removeFile(folderHandle(tree), path);
		expect([...tree.keys()]).toEqual(['a']);
	},
);

test('a file in place of a folder is as good as nothing there; what else fails is told', async () => {
	const mismatch = failing(new DOMException('a file', 'TypeMismatchError'));
	expect(await readFile(mismatch, 'a/b')).toBeNull();
	await expect(removeFile(mismatch, 'a/b')).resolves.toBeUndefined();
	const locked = new DOMException('locked', 'NotAllowedError');
	await expect(readFile(failing(locked), 'a/b')).rejects.toBe(locked);
	await expect(removeFile(failing(locked), 'a/b')).rejects.toBe(locked);
});

test('a folder goes with all that is in it', async () => {
	const removed = vi.fn(() => Promise.resolve());
	const root = { removeEntry: removed } as unknown as FileSystemDirectoryHandle;
	await removeFile(root, 'checkpoints');
	expect(removed).toHaveBeenCalledWith('checkpoints', { recursive: true });
	const tree = treeOf(['a/b/c.txt', 'a/d.txt']);
	await removeFile(folderHandle(tree), 'a/b');
	expect([...filesOf(tree).keys()]).toEqual(['a/d.txt']);
});

test('files are listed down to the depth of a library, hidden ones left out', async () => {
	const shown = ['a.txt', 'a/b.txt', 'a/b/c.txt'];
	const hidden = ['a/b/c/d.txt', '.git/a', 'a/.DS_Store', '.hidden', 'a.b/.c', 'empty/'];
	const found = await listFiles(folderHandle(treeOf([...shown, ...hidden])));
	expect([...found.keys()].sort()).toEqual(shown);
	expect(await found.get('a/b/c.txt')?.text()).toBe('a/b/c.txt');
});
