import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import type { EvaluationTask } from '../contract/evaluation.ts';
import { RunSpecSchema } from '../contract/spec.ts';
import type { StudyPoint } from '../contract/study.ts';
import type { DemoChoice } from '../contract/storeApi.ts';
import { adaptationRecipe, adaptationSpec, adaptationTexts, pairedConcepts } from './adaptation.ts';
import { adaptationTasks } from './adaptationTasks.ts';
import { wordOf } from './language.ts';
import { javanese } from './languages/javanese.ts';

// Ten thousand texts are written here: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const recipe = adaptationRecipe;
const reported: DemoChoice = { language: 'javanese', seed: 1, draw: 'report' };
const chosen: DemoChoice = { ...reported, draw: 'choose' };

const front = { method: 'front', k: 2 } as const;
const rear = { method: 'rear', k: 2 } as const;
const point = (
	stages: StudyPoint['stages'],
	adapter: StudyPoint['adapter'] = null,
): StudyPoint => ({
	id: 'p',
	label: 'P',
	stages,
	adapter,
	position: null,
});
const specOf = (one: StudyPoint) =>
	adaptationSpec({ point: one, model: 'm', dataset: 'd', seed: 7, recipe });

describe('one recipe for all points', () => {
	const points = [
		point([front]),
		point([rear]),
		point([{ method: 'full' }]),
		point([rear, front]),
		point([front], { rank: 8, alpha: 16 }),
	];

	test('they differ in what trains, and in nothing else', () => {
		const rest = points.map((one) => {
			const spec = v.parse(RunSpecSchema, specOf(one));
			const { selection, stages, tune, ...same } = spec;
			expect([selection, ...(stages ?? [])]).toEqual(one.stages);
			expect(tune ? { rank: tune.rank, alpha: tune.alpha } : null).toEqual(one.adapter);
			return same;
		});
		for (const one of rest) expect(one).toEqual(rest[0]);
		expect(rest[0]).toMatchObject({
			steps: recipe.steps,
			optimizer: { learningRate: recipe.learningRate },
			batch: { size: 8, accumulation: 1 },
			data: { dataset: 'd', sequenceLength: 144 },
			seed: 7,
		});
	});

	test('the base model has no run', () => {
		expect(specOf(point([]))).toBeNull();
	});
});

const pairs = (tasks: readonly EvaluationTask[]) =>
	tasks.flatMap((task) =>
		task.kind === 'generation' || task.kind === 'choice'
			? task.items.map((item) => ({ ...item, name: task.name, subject: task.subject }))
			: [],
	);
/** What is asked, without the examples before it. */
const question = ({ prompt }: { readonly prompt: string }) => {
	const lines = prompt.split('\n');
	return lines.slice(prompt.endsWith(': ') && lines.length > 1 ? -2 : -1).join('\n');
};

describe('the items', () => {
	test('of the two draws are disjoint, whatever the seeds', () => {
		const key = (item: ReturnType<typeof pairs>[number]) =>
			`${item.name} ${item.subject}: ${question(item)}`;
		const seeds = [1, 2, 3];
		const items = (choice: DemoChoice) =>
			seeds.flatMap((seed) => pairs(adaptationTasks({ ...choice, seed }).final).map(key));
		const used = new Set(items(chosen));
		expect(used.size).toBeGreaterThan(1000);
		expect(items(reported).filter((one) => used.has(one))).toEqual([]);
	});

	test('are enough of every task, spread over the known languages', () => {
		const counts: Record<string, number[]> = {};
		for (const { name, items } of adaptationTasks(reported).final as Extract<
			EvaluationTask,
			{ kind: 'generation' }
		>[])
			(counts[name] ??= []).push(items.length);
		for (const task of ['words-comprehension', 'words-production'])
			expect(counts[task], task).toEqual([18, 18, 18, 18, 18]);
		// Fewer than 8 where fewer words are left that were not taught beside that language.
		for (const task of ['carried-comprehension', 'carried-production']) {
			expect(Math.max(...counts[task]!), task).toBe(8);
			expect(Math.min(...counts[task]!), task).toBeGreaterThan(3);
		}
		expect(counts['sentences-production']).toEqual([10, 10, 10, 9, 9]);
		expect(counts.sentiment).toEqual([60]);
		expect(counts.choice).toHaveLength(2);
		for (const task of ['relation-comprehension', 'relation-production', 'words-known'])
			expect(counts[task], task).toEqual([10, 10, 10, 9, 9]);
		expect(pairs(adaptationTasks(reported).probe)).toHaveLength(80);
	});

	test('ask for paired words only', () => {
		const taught = new Set([...pairedConcepts(reported)].map((one) => wordOf(javanese, one)));
		const spoken = pairs(adaptationTasks(reported).final).filter(
			({ name }) => name === 'words-production' || name === 'relation-production',
		);
		expect(spoken.length).toBeGreaterThan(100);
		expect(spoken.filter(({ answer }) => !taught.has(answer))).toEqual([]);
	});

	test('follow from the choice alone', () => {
		expect(adaptationTasks(reported)).toEqual(adaptationTasks(reported));
		expect(adaptationTasks({ ...reported, seed: 2 })).not.toEqual(adaptationTasks(reported));
	});
});

describe('pairs of words asked for', () => {
	const texts = adaptationTexts(reported).join('');
	const isTaught = ({ prompt, answer }: { prompt: string; answer: string }) => {
		const [from = '', to = ''] = (prompt + answer).split('\n').slice(-2);
		return texts.includes(`${from}\n${to}\n`) || texts.includes(`${to}\n${from}\n`);
	};
	const asked = (task: string) =>
		pairs(adaptationTasks(reported).final).filter(({ name }) => name.startsWith(task));

	test('as words: were taught', () => {
		expect(asked('words-comprehension').length + asked('words-production').length).toBe(180);
		expect(asked('words-comprehension').filter((item) => !isTaught(item))).toEqual([]);
		expect(asked('words-production').filter((item) => !isTaught(item))).toEqual([]);
	});

	test('as carried over: were not, in either direction', () => {
		expect(asked('carried-').length).toBeGreaterThan(60);
		expect(asked('carried-').filter(isTaught)).toEqual([]);
	});
});

test('no sentence that is asked for is in the texts', () => {
	const lines = new Set(adaptationTexts(reported).flatMap((text) => text.split('\n')));
	const sentences = pairs(adaptationTasks(reported).final).filter(({ name }) =>
		name.startsWith('sentences-'),
	);
	const told = sentences.filter(({ prompt, answer }) =>
		lines.has((prompt.slice(prompt.lastIndexOf('\n') + 1) + answer).trim()),
	);
	expect(told).toEqual([]);
	expect(lines.size).toBeGreaterThan(10_000);
});
