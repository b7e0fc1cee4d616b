/** Types of launchError.mjs. */
export function checkProfile(folder: string): void;
export function launchError(error: Error): Error;
