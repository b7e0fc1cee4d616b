/** How long a thread may give no sign of life. */
import type { Patience } from '../contract/heartbeat.ts';

/** Of threads whose work is done in slices. */
export const shortWork: Patience = { notice: 5, limit: 20 };

/** Of training threads: on WASM an update is one piece of work, and of a large model it takes minutes. */
export const longWork: Patience = { notice: 30, limit: 1800 };

/** What is said when a thread was ended that is opened anew by its next call. */
export const startsAgain =
	'It starts again by itself, and what was stored is still there. The file may be damaged in a way that the lab does not ' +
	'see, or too large for this browser: try another one.';
