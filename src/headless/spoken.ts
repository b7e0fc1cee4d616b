/** What the command line says of an error. */
import { isNamed, namedError } from '../contract/errors.ts';
import { sentence, told } from '../contract/told.ts';

/** What to do next, where the message does not say it. */
const advice: Readonly<Record<string, string>> = {
	NotFinite: 'Lower the learning rate or clip the gradient more tightly.',
	OutOfMemory:
		'Train fewer layers, take a smaller batch or shorter sequences, or switch recomputing on (--recompute always).',
	DeviceLost: 'Give the same command again; a run of a profile goes on with --resume RUN.',
	DeviceError: 'Give the same command again, or compute on another device with --backend wasm.',
	NoAdapter: 'On the command line that is --backend wasm.',
	QuotaExceeded: 'The profile lies on the disk of --profile.',
};

/** The error in words. One without a name that was thrown on purpose, in a command, has its own. */
export function spoken(error: unknown): Error {
	const deliberate = error instanceof Error && error.name === 'Error';
	if (deliberate) return namedError('BadInput', sentence(error.message));
	const { name, message } = told(error, 'this command ran', 'writing');
	const next = isNamed(error) ? advice[error.name] : undefined;
	return Object.assign(new Error(next === undefined ? message : `${message} ${next}`), { name });
}
