/** What is said where the browser has lost a library. */
import type { LostLibrary } from '../contract/library.ts';

const list = new Intl.ListFormat('en');
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });
const counted = (count: number, thing: string) =>
	count === 0 ? [] : [`${count} ${thing}${count === 1 ? '' : 's'}`];

export function lostWords({ models, datasets, runs, seenAt }: LostLibrary) {
	const held = [
		...counted(models, 'model'),
		...counted(datasets, 'dataset'),
		...counted(runs, 'run'),
	];
	return {
		title: 'The browser has lost this library',
		message:
			`On ${moment.format(seenAt)} it held ${list.format(held)}; the browser has dropped the database since, as it does ` +
			'when the disk is full or the database is damaged, or somebody has deleted the site’s data. What is below was kept after that.',
		advice:
			'Models and datasets can be imported again from their files. Runs come back from a mirror of the library or from a file it was saved to, where there is one.',
	};
}
