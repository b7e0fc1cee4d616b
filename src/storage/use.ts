/** Why something that is still needed is not deleted. */
import { namedError } from '../contract/errors.ts';

/** Throws `Busy`, naming the runs, if there are any. */
export function refuseWhileUsed(what: 'model' | 'dataset', runs: readonly string[]): void {
	if (runs.length === 0) return;
	const several = runs.length > 1;
	throw namedError(
		'Busy',
		`This ${what} is still needed by run${several ? 's' : ''} ${runs.join(', ')}; ` +
			`delete ${several ? 'those runs' : 'that run'} first.`,
	);
}
