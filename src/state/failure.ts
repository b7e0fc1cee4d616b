/** What the page says when something went wrong: what happened, and what to do next. */
import { isNamed } from '../contract/errors.ts';
import { told } from '../contract/told.ts';
import type { TrainingEvent } from '../contract/training.ts';

type Fallback = Extract<TrainingEvent, { kind: 'fallback' }>;

export interface Failure {
	/** What could not be done, e.g. "The model could not be imported". */
	readonly title: string;
	/** The message of the error: what, where. */
	readonly message: string;
	/** What to do, empty where the message says it already. */
	readonly advice: string;
	/** Name of the error, to branch on. */
	readonly name: string;
}

const advice: Readonly<Record<string, string>> = {
	NotFinite:
		'Nothing stored is lost. Lower the learning rate or clip the gradient more tightly, then start again.',
	OutOfMemory:
		'Restart the device in the line at the top, then train fewer layers, take a smaller batch or shorter sequences, or switch recomputing on.',
	DeviceError:
		'Restart the device in the line at the top; if it happens again, choose another one there.',
	DeviceLost: 'Restart the device in the line at the top.',
	QuotaExceeded:
		'Delete runs or models you no longer need in the Library, then try again. What is stored stays.',
	NotFound: 'Choose another one, or import it again.',
};

/** Says of a run whose newest checkpoint is damaged where it goes on from. */
export function fallbackWords({ damaged, step, why }: Fallback): Failure {
	return {
		title: `The checkpoint after ${damaged} updates is damaged; going on from the one after ${step}`,
		message: why,
		advice: 'The updates between them are made again.',
		name: 'Damaged',
	};
}

/** Turns anything thrown into words; what nobody foresaw goes to the console, too. A cancelled job is not a failure: null. */
export function explain(title: string, error: unknown): Failure | null {
	if (!isNamed(error)) console.error(error);
	const { name, message } = told(error, 'this page did what you asked', 'writing');
	if (name === 'Cancelled') return null;
	return { title, message, advice: advice[name] ?? '', name };
}

/** Whether nothing can be stored or read until the page is loaded anew, or the browser lets it. */
export const isOfStorage = ({ name }: Failure): boolean => name.startsWith('Storage');
