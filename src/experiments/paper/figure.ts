/** A figure of the paper as data: what is asked, which runs answer it, how it is drawn. */
import type { NewLanguage } from '../../contract/evaluation.ts';
import type { RankingMethod } from '../../contract/selection.ts';
import type { MeasureId } from '../measures.ts';

export type FigureId = `figure-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`;

/** What belongs together in a figure: one colour, one entry of the legend. */
export type SeriesName =
	| 'base'
	| 'full'
	| 'front'
	| 'rear'
	| 'cogsym'
	| RankingMethod
	| 'position'
	| 'front-rear'
	| 'rear-front';

/** One or several runs. Grids and budgets follow from the number of layers of the model (`expand`). */
export type Part =
	/** The base model, and the one that was trained as a whole. */
	| { readonly kind: 'base' | 'full' }
	/** Budgets in steps up to all layers; `x` counts all trained layers, or those of one region. */
	| {
			readonly kind: 'sweep';
			readonly region: 'front' | 'rear' | 'cogsym';
			readonly x: 'budget' | 'one region';
	  }
	/** The budget of a quarter of the layers. */
	| { readonly kind: 'quarter'; readonly region: 'front' | 'rear' | 'cogsym' }
	/** CogSym's two regions at a quarter, moved inwards until they meet. */
	| { readonly kind: 'positions' }
	/** The best quarter by a ranking. */
	| { readonly kind: 'ranked'; readonly method: RankingMethod }
	/** CogSym's two regions one after the other. */
	| { readonly kind: 'sequence'; readonly first: 'front' | 'rear' };

export interface PaperFigure {
	readonly id: FigureId;
	readonly title: string;
	readonly question: string;
	/** What the paper says. */
	readonly expectation: string;
	/** What this project has measured; empty: not run here. */
	readonly finding: string;
	/** The paper's language; null: whichever is asked for. */
	readonly language: NewLanguage | null;
	readonly axes: { readonly x: string; readonly y: string };
	readonly drawn: 'lines' | 'steps' | 'bars' | 'ranks';
	readonly measures: readonly MeasureId[];
	readonly parts: readonly Part[];
	/** True: adapters in place of full training, but for `full`. */
	readonly lora: boolean;
	/** Rankings that are shown themselves. */
	readonly rankings: readonly RankingMethod[];
}

const names: Readonly<Record<NewLanguage, string>> = {
	javanese: 'Javanese',
	sundanese: 'Sundanese',
};

/** The figure about one language, which its title says. */
export const figureIn = (figure: PaperFigure, language: NewLanguage) => ({
	...figure,
	title: `${figure.title}, ${names[language]}`,
	language,
});

export const everyMeasure: readonly MeasureId[] = [
	'words-production',
	'words-comprehension',
	'translation-production',
	'translation-comprehension',
	'sentiment',
	'exam',
];

/** What lies between the base model and the one trained as a whole. */
export const betweenBaseAndFull = (...parts: readonly Part[]): readonly Part[] => [
	{ kind: 'base' },
	...parts,
	{ kind: 'full' },
];

const regions = ['front', 'rear', 'cogsym'] as const;

/** Front, rear and CogSym with more and more layers; `x` counts all trained ones, or those of one region. */
export const sweeps = (x: 'budget' | 'one region' = 'budget'): readonly Part[] =>
	betweenBaseAndFull(...regions.map((region): Part => ({ kind: 'sweep', region, x })));

/** Each of the regions with a quarter of the layers. */
export const quarters: readonly Part[] = betweenBaseAndFull(
	...regions.map((region): Part => ({ kind: 'quarter', region })),
);
