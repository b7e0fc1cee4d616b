/**
 * The border where nothing raw passes: whatever was thrown becomes an error with a name of errors.ts and a sentence that
 * says what was being done, whose fault it is and what to do.
 */
import { type ErrorName, isNamed, namedError } from './errors.ts';

interface Known {
	/** Names that browsers give such an error. */
	readonly names: readonly string[];
	readonly message?: RegExp;
	readonly is: ErrorName;
	/** Follows "While doing this, ". */
	readonly says: string;
}

/** Errors that browsers throw for reasons outside the lab. */
const known: readonly Known[] = [
	{
		names: ['NotReadableError', 'NotFoundError'],
		is: 'BadInput',
		says:
			'a file could no longer be read: it was changed, moved or locked since it was chosen, or its folder does not ' +
			'allow it. Choose it again',
	},
	{
		names: ['RangeError', 'Error'],
		message: /allocation failed|out of memory/i,
		is: 'NoMemory',
		says: 'the browser had no main memory left. Close other tabs or take a smaller file; what is stored stays',
	},
	{
		names: ['QuotaExceededError'],
		is: 'QuotaExceeded',
		says:
			'there was no room left to store. Nothing stored was lost. Delete runs or models in the library, or free disk ' +
			'space, and try again',
	},
	{
		names: ['InvalidStateError'],
		message: /clos|not allowed/i,
		is: 'StorageClosed',
		says:
			'what the browser stores was closed under this page: the lab was updated or its site data cleared, perhaps in ' +
			'another tab. Reload the page',
	},
	{
		names: ['AbortError', 'UnknownError'],
		is: 'StorageFailed',
		says:
			'the browser broke off its work on what it stores; a write is kept whole or not at all. Try again; if it says ' +
			'so again, restart the browser and look whether the disk is full',
	},
	{
		names: ['TypeError'],
		message: /failed to fetch|fetch failed|networkerror|load failed/i,
		is: 'Unreachable',
		says: 'an address did not answer. Look whether the network, or the lab’s own server, is still there, and try again',
	},
];

const ends = /[.!?…:)]$/;

/** With a full stop, where the sentence has no end. */
export const sentence = (text: string): string => (ends.test(text) ? text : `${text}.`);

/** What of the store a defect left behind. */
const kept = {
	reading: 'Nothing stored was touched.',
	writing: 'A write is kept whole or not at all: what was stored before is still there.',
} as const;

/** The lab's own fault, with what was thrown in brackets. `doing` follows "while". */
function defect(doing: string, effect: keyof typeof kept, thrown: string): Error {
	return namedError(
		'Defect',
		`This is a defect of the lab: while ${doing}, something happened that it does not foresee (${thrown.replace(/\.$/, '')}). ` +
			`${kept[effect]} Please report it in these words; the browser’s console says more.`,
	);
}

/**
 * Anything thrown, as an error that can be shown. What has a name of ours keeps it and its words.
 *
 * @param doing what was being done, e.g. `reading pairs.json`
 * @param effect whether that could write to the store
 */
export function told(error: unknown, doing: string, effect: keyof typeof kept): Error {
	if (isNamed(error)) return namedError(error.name, sentence(error.message));
	if (!(error instanceof Error)) return defect(doing, effect, String(error));
	const { name, message } = error;
	const match = known.find(
		(one) => one.names.includes(name) && (one.message?.test(message) ?? true),
	);
	if (match) return namedError(match.is, `While ${doing}, ${match.says}.`);
	return defect(doing, effect, `${name}: ${message}`);
}
