import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** What each folder of src/ may import; everything else is refused. The direction of the whole house. */
const mayImport = {
	contract: [],
	engine: ['contract'],
	selection: ['contract', 'engine'],
	data: ['contract'],
	weights: ['contract', 'engine'],
	tasks: ['contract', 'engine', 'data'],
	demo: ['contract', 'engine', 'data', 'weights'],
	experiments: ['contract', 'selection'],
	storage: ['contract'],
	session: [
		'contract',
		'engine',
		'selection',
		'data',
		'weights',
		'tasks',
		'demo',
		'experiments',
		'storage',
	],
	clients: ['contract'],
	state: ['contract', 'clients', 'demo', 'experiments', 'selection'],
	ui: ['contract', 'state'],
	headless: ['contract', 'clients', 'demo', 'experiments', 'selection'],
	fuzz: [
		'contract',
		'engine',
		'data',
		'weights',
		'tasks',
		'experiments',
		'session',
		'state',
		'headless',
		'storage',
	],
};

const folders = Object.keys(mayImport);

const layer = (folder, files = [`src/${folder}/**`]) => {
	const forbidden = folders.filter((name) => name !== folder && !mayImport[folder].includes(name));
	return {
		files,
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: `^(\\.\\./)+(src/)?(${[...forbidden, 'workers'].join('|')})/`,
							message: `src/${folder} may import only: ${[...mayImport[folder], 'itself'].join(', ')}`,
						},
						...(folder === 'engine'
							? [
									{
										group: ['comlink', 'svelte', 'svelte/*', 'idb'],
										message: 'the engine knows mathematics only',
									},
								]
							: []),
						...(folder === 'ui'
							? [
									{
										group: ['comlink', 'idb', '@tensorflow/*'],
										message: 'the page touches no tensor and no thread',
									},
								]
							: []),
					],
				},
			],
		},
	};
};

export default defineConfig(
	globalIgnores([
		'dist',
		'bench-pack',
		'.svelte-check',
		'test-results',
		'src/engine/wasm/assembly',
		'e2e/bench/results',
	]),
	js.configs.recommended,
	ts.configs.strictTypeChecked,
	svelte.configs.recommended,
	{
		languageOptions: {
			globals: { ...globals.browser, ...globals.node },
			parserOptions: {
				projectService: true,
				extraFileExtensions: ['.svelte'],
				parser: ts.parser,
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			complexity: ['error', 12],
			'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
			'max-lines-per-function': ['error', { max: 60, skipComments: true }],
		},
	},
	{ files: ['**/*.js', '**/*.mjs'], extends: [ts.configs.disableTypeChecked] },
	{
		files: ['src/engine/**', 'src/selection/**'],
		rules: {
			'no-console': 'error',
			// Loops over typed arrays: the index is in range by construction.
			'@typescript-eslint/no-non-null-assertion': 'off',
		},
	},
	...folders.map((folder) => layer(folder)),
	{
		files: ['src/**', 'workers/**'],
		ignores: ['**/*.test.ts', 'src/contract/guardedFetch.ts', 'workers/headers.service.ts'],
		rules: {
			'no-restricted-globals': [
				'error',
				...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport'].map((name) => ({
					name,
					message: 'the network is reached through contract/guardedFetch.ts only',
				})),
			],
			'no-restricted-properties': [
				'error',
				...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'].flatMap((property) =>
					['globalThis', 'self', 'window'].map((object) => ({ object, property })),
				),
				{ object: 'navigator', property: 'sendBeacon' },
			],
		},
	},
	{
		files: ['**/*.test.ts', 'e2e/**/*.spec.ts'],
		rules: {
			'max-lines-per-function': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
		},
	},
);
