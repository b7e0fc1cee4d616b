/** How long a thread may give no sign of life. */
import type { Patience } from '../contract/heartbeat.ts';

/** Of threads whose work is done in slices. */
export const shortWork: Patience = { notice: 5, limit: 30 };

/** Of training threads: on WASM an update is one piece of work, and of a large model it takes minutes. */
export const longWork: Patience = { notice: 30, limit: 1800 };

/** What is said where a thread was ended that reads files and keeps things. */
export const tryAnother =
	'What was stored is still there. A file may be damaged in a way that the lab does not see, or be too large for this ' +
	'browser: try another one.';
