/** Documents must stay true where a program can tell: links lead somewhere, cited sections exist, first pages stay short. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

const filesBelow = (folder: string): string[] =>
	readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
		.map((entry) => relative(root, join(entry.parentPath, entry.name)));

const sources = ['src', 'workers', 'e2e', 'public'].flatMap(filesBelow);
const documents = ['README.md', 'CONTRIBUTING.md', ...sources.filter((f) => f.endsWith('.md'))];

const linesOf = (text: string) => text.trimEnd().split('\n').length;

describe.each(documents)('%s', (document) => {
	const text = read(document);

	test('links lead to files that are there', () => {
		const links = [...text.matchAll(/(?:\]\(|src=")(?!https?:|#)([^)#"]+)/g)].map(
			([, path = '']) => path,
		);
		const broken = links.filter((path) => !existsSync(join(root, dirname(document), path)));
		expect(broken).toEqual([]);
	});

	test('names scripts that there are', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		const named = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(
			([, name = '']) => name,
		);
		expect(named.filter((name) => !(name in scripts))).toEqual([]);
	});

	test('names files of the project that are there', () => {
		const named = [...text.matchAll(/`((?:src|e2e|workers|public)\/[\w./-]+)`/g)].map(
			([, path = '']) => path,
		);
		expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
	});
});

test('the README is read in a few minutes', () => {
	expect(linesOf(read('README.md'))).toBeLessThanOrEqual(150);
});

test('every folder of src opens with a README of ten lines or fewer', () => {
	const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => name);
	for (const folder of folders)
		expect(linesOf(read('src', folder, 'README.md'))).toBeLessThanOrEqual(10);
});

test('sections of METHOD.md that comments cite are there', () => {
	const sections = [...read('src/selection/METHOD.md').matchAll(/^##+ (\d+(?:\.\d+)?)/gm)].map(
		([, number]) => number,
	);
	const cited = sources
		.filter((file) => /\.(ts|mjs|svelte|wgsl|md)$/.test(file))
		.flatMap((file) =>
			[...read(file).matchAll(/METHOD\.md\)? (\d+(?:\.\d+)?)/g)].map(([, number]) => ({
				file,
				number,
			})),
		);
	expect(cited.length).toBeGreaterThan(10);
	expect(cited.filter(({ number }) => !sections.includes(number))).toEqual([]);
});
