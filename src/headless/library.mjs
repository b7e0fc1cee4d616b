/** What `lab library` does, outside the page. */
import { resolve } from 'node:path';
import { file, print, withLab } from './drive.mjs';

const counted = (count, thing) => `${count} ${thing}${count === 1 ? '' : 's'}`;

function contents({ runs, datasets, models }) {
	const lines = runs.map(
		({ id, status, steps, total, model }) => `${id}  ${status}, ${steps} of ${total}  ${model}`,
	);
	const counts = [
		counted(runs.length, 'run'),
		counted(datasets, 'dataset'),
		counted(models, 'model'),
	];
	return [counts.join(', '), ...lines].join('\n');
}

function broughtBack({ runs, datasets, kept, withoutWeights, absentModels, problems }) {
	const lines = [
		`Brought back ${counted(runs, 'run')} and ${counted(datasets, 'dataset')}; ${kept} stayed as they are.`,
	];
	if (withoutWeights > 0) lines.push(`${counted(withoutWeights, 'run')} came without weights.`);
	for (const { name } of absentModels)
		lines.push(`The model ${name} is not in this profile: import its folder again.`);
	return [...lines, ...problems].join('\n');
}

const saved = ({ runs, datasets, bytes, problems }) =>
	[
		`Saved ${counted(runs, 'run')} and ${counted(datasets, 'dataset')}, ${bytes} bytes.`,
		...problems.map((problem) => `Left out: ${problem}`),
	].join('\n');

/** Archive and what is said of it come apart: the page hands the file to the browser's downloads. */
async function save(lab, path, checkpoints) {
	const [download, report] = await Promise.all([
		lab.page.waitForEvent('download'),
		lab.call('saveLibrary', checkpoints),
	]);
	await download.saveAs(resolve(path));
	return report;
}

export async function library({ profile, save: into, load, bringBack, checkpoints, json }) {
	if ([into, load, bringBack].filter(Boolean).length > 1)
		throw new Error('--save, --load and --bring-back are three commands; name one of them');
	const archive = load === undefined ? null : file(load);
	await withLab({ backend: null, profile }, async (lab) => {
		if (into !== undefined) {
			const report = await save(lab, into, checkpoints);
			print(json, report, saved(report));
		} else if (archive !== null || bringBack) {
			const shared = archive === null ? null : lab.share([archive])[0];
			const report = await lab.call('bringBack', shared);
			print(json, report, broughtBack(report));
		} else {
			const report = await lab.call('contents');
			print(json, report, contents(report));
		}
	});
}
