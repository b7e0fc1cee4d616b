/** Types of dataPaths.mjs. */
import type { FileTask, NewLanguage } from './evaluation.ts';

interface Parts {
	readonly train: string;
	readonly test: string;
}
export const languageCodes: { readonly javanese: 'jv'; readonly sundanese: 'su' };
export const knownCodes: readonly ('en' | 'de' | 'zh' | 'ru' | 'fr')[];
export function wordPath(code: string): string;
export const translationPaths: Parts;
export function sentimentPaths(language: NewLanguage): Parts;
export function examPaths(language: NewLanguage): readonly [string, ...string[]];
export const alpacaPaths: readonly string[];
export const taskPaths: Readonly<Record<FileTask, (language: NewLanguage) => readonly string[]>>;
export function matchingPath(present: readonly string[], wanted: string): string | undefined;
