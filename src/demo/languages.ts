/** The languages by what the base model knows of them. */
import type { Language } from './language.ts';
import { chinese } from './languages/chinese.ts';
import { english } from './languages/english.ts';
import { french } from './languages/french.ts';
import { german } from './languages/german.ts';
import { javanese } from './languages/javanese.ts';
import { russian } from './languages/russian.ts';
import { sundanese } from './languages/sundanese.ts';

/** Pretrained on. */
export const knownLanguages: readonly Language[] = [english, german, french, russian, chinese];

/** Barely seen in pretraining; adaptation teaches one of them. */
export const newLanguages: readonly Language[] = [javanese, sundanese];
