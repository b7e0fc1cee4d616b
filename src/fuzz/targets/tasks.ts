/** Evaluation files: as their publishers lay them out, and tables of one's own. */
import type { FileTask, OwnTask } from '../../contract/evaluation.ts';
import { fileTasks } from '../../session/fileTasks.ts';
import { ownTask } from '../../session/ownTask.ts';
import { scoreFiles } from '../../session/scoreFiles.ts';
import { checkTasks } from '../../tasks/checkTasks.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { textMutators } from '../mutate/text.ts';
import { type Bytes, type Target, utf8 } from '../target.ts';

const words =
	'word_original,word_translation\nsun,sun\nsand,sand\ntea,tea\nwind,wind\nfire,fire\nsalt,salt\n';
const otherWords =
	'word_original,word_translation\nsun,srengenge; surya\nsand,wedhi\ntea,"teh, x"\nwind,angin\nfire,geni\nsalt,uyah\n';
const pairs =
	'english,javanese\none,siji\n"two, or more",loro\nthree,telu\nfour,papat\nfive,lima\nsix,enem\n';
const moods = `text,label\n${['positive', 'neutral', 'negative', 'positive', 'neutral', 'negative']
	.map((label, row) => `t${row},${label}\n`)
	.join('')}`;
const otherMoods = moods.replaceAll(/^t(\d)/gm, 'u$1');
const exam =
	'subject,level,kelas,soal,jawaban,kunci,is_for_fewshot\n' +
	'Bahasa Jawa,SD,1,Q1,"A. a\nB. b",A,0\nBahasa Jawa,SD,2,Q2,"A. a\nB. b",B,0\n' +
	'Bahasa Jawa,V SD,5.0,Q5,"A. a\nB. b\nC. c",C,0\nBahasa Jawa,SD-SMP,"1,2",Q6,"A. a\nB. b",a,0\n' +
	'Bahasa Jawa,SMP,7,S1,"A. a\nB. b",B,1\nBahasa Jawa,SD,3,S2,"A. a\nB. b",B,1\nBahasa Jawa,SD,3,S3,"A. a\nB. b",B,1\n';

const folder: Readonly<Record<string, string>> = {
	'wendler/langs/en/clean.csv': words,
	'wendler/langs/jv/clean.csv': otherWords,
	'nusax/mt/train.csv': pairs,
	'nusax/mt/test.csv': pairs.replaceAll('o', 'u'),
	'nusax/sentiment/javanese/train.csv': moods,
	'nusax/sentiment/javanese/test.csv': otherMoods,
	'indommlu/IndoMMLU.csv': exam,
};

const draws = { rows: null, runs: 1, seed: 1, shots: 1 };
const mutators = [...byteMutators, ...textMutators, ...textMutators, ...textMutators];

/** One file of the folder spoilt. */
const inFolder = (task: FileTask, path: string): Target => ({
	name: task === 'words' ? 'word-list' : task,
	seeds: () => [utf8(folder[path] ?? '')],
	mutators,
	async read(bytes) {
		const files = Object.entries(folder).map(([name, text]) => ({
			path: name,
			file: new File([name === path ? bytes : text], name),
		}));
		const choice = { tasks: [task], languages: ['javanese' as const], ...draws };
		checkTasks(await fileTasks(files, choice));
	},
});

export const wordList = inFolder('words', 'wendler/langs/jv/clean.csv');
export const translation = inFolder('translation', 'nusax/mt/test.csv');
export const sentiment = inFolder('sentiment', 'nusax/sentiment/javanese/test.csv');
export const examFile = inFolder('exam', 'indommlu/IndoMMLU.csv');

const own: readonly (readonly [OwnTask, test: string, train: string | null])[] = [
	[
		{
			...{ kind: 'words', english: null },
			languages: [
				{ column: 'english', name: 'English' },
				{ column: 'javanese', name: 'Basa Jawa' },
			],
		},
		pairs,
		null,
	],
	[
		{
			...{ kind: 'exam', subject: 'x', question: 'q', key: 'key' },
			options: ['a', 'b', 'c'],
		},
		'q,a,b,c,key\nQ1,x,y,,A\nQ2,x,y,z,b\nQ3,x,y,,B\n',
		null,
	],
	[{ kind: 'sentiment', language: 'x', text: 'text', label: 'label' }, otherMoods, moods],
	// Columns that every object has something of.
	[
		{ kind: 'exam', subject: 'x', question: 'constructor', options: ['__proto__'], key: 'key' },
		'constructor,__proto__,key\nQ1,"A. a\nB. b",A\nQ2,"A. a\nB. b",B\n',
		null,
	],
];

export const ownTables: Target = {
	name: 'own-tables',
	seeds: () => own.map(([, test]) => utf8(test)),
	mutators,
	async read(bytes) {
		const file = new File([bytes], 'test.csv');
		const refusals: unknown[] = [];
		for (const [task, , train] of own) {
			const shown = train === null ? null : new File([train], 'train.csv');
			try {
				checkTasks(await ownTask(shown, file, { task, ...draws }));
			} catch (error) {
				if (!(error instanceof Error && error.name === 'BadInput')) throw error;
				refusals.push(error);
			}
		}
		if (refusals.length === own.length) throw refusals[0];
	},
};

const references = 'a b c d e\npositive\né 🙂\n';

export const scores: Target = {
	name: 'scores',
	seeds: () => [utf8(references), utf8(references.replaceAll('\n', '\r\n'))],
	mutators,
	async read(bytes: Bytes) {
		const files = {
			hypotheses: new File([bytes], 'hypotheses.txt'),
			references: new File([references], 'references.txt'),
			sources: null,
		};
		for (const metric of ['bleu', 'chrf++', 'macro-f1'] as const) await scoreFiles(metric, files);
	},
};
