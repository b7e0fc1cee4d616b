/** The paper's figures by their name. */
import { figure1 } from './figure1.ts';
import { figure2 } from './figure2.ts';
import { figure3 } from './figure3.ts';
import { figure4 } from './figure4.ts';
import { figure5 } from './figure5.ts';
import { figure6 } from './figure6.ts';
import { figure7 } from './figure7.ts';
import { figure8 } from './figure8.ts';
import { figure9 } from './figure9.ts';
import type { FigureId, PaperFigure } from './figure.ts';

export const figures: Readonly<Record<FigureId, PaperFigure>> = {
	'figure-1': figure1,
	'figure-2': figure2,
	'figure-3': figure3,
	'figure-4': figure4,
	'figure-5': figure5,
	'figure-6': figure6,
	'figure-7': figure7,
	'figure-8': figure8,
	'figure-9': figure9,
};
