/** What each call into a thread does, in words for messages: "while reading pairs.json". */
import type { DataApi } from './dataApi.ts';
import type { SpectrumApi } from './spectrumApi.ts';
import type { StoreApi } from './storeApi.ts';
import type { TrainerApi } from './trainerApi.ts';

export interface Work {
	/** Follows "while"; what ends in `from` or `of` goes on with the files. */
	readonly words: string;
	/** Whether it may write to the store. */
	readonly effect: 'reading' | 'writing';
}

const reading = (words: string): Work => ({ words, effect: 'reading' });
const writing = (words: string): Work => ({ words, effect: 'writing' });

type Works<Api> = Readonly<Record<keyof Api, Work>>;

export const trainerWork: Works<TrainerApi> = {
	start: reading('starting the device'),
	load: reading('loading a model from'),
	limitMemory: reading('limiting memory'),
	forecast: reading('forecasting a run'),
	calibrate: reading('timing updates'),
	train: writing('training'),
	pause: reading('pausing'),
	resume: reading('going on'),
	step: reading('making one update'),
	stop: reading('stopping'),
	loadAdapted: reading('loading a model and an adapter from'),
	restore: reading('loading a run'),
	generate: reading('generating text'),
	evaluate: reading('measuring'),
	lens: reading('looking into layers'),
	scoreLayers: reading('scoring layers'),
	cancel: reading('cancelling'),
	verify: reading('comparing with a reference file'),
	loadComet: reading('loading COMET from'),
	scoreComet: reading('scoring translations'),
	verifyComet: reading('comparing COMET with a reference file'),
};

export const dataWork: Works<DataApi> = {
	preview: reading('reading a data file:'),
	prepare: reading('turning rows into tokens'),
	table: reading('reading a table:'),
	fileTasks: reading('reading tasks from'),
	ownTask: reading('reading a task from'),
	score: reading('scoring lines of'),
	alignedLines: reading('reading lines of'),
	tokenize: reading('turning texts into tokens:'),
	trainedItems: reading('comparing test items with training rows'),
	render: reading('laying out a row'),
};

export const storeWork: Works<StoreApi> = {
	library: reading('reading the library'),
	persist: reading('asking the browser to keep the data'),
	forgetLost: writing('forgetting a lost library'),
	importModel: writing('importing a model from'),
	importDataset: writing('importing a dataset from'),
	importDemoModel: writing('storing the demo’s model'),
	importDemoLanguage: writing('writing the demo’s texts'),
	run: reading('reading a run'),
	saveResults: writing('storing results'),
	saveAnswers: writing('storing answers'),
	answers: reading('reading answers'),
	saveFinal: writing('storing what was measured'),
	final: reading('reading what was measured'),
	forgetFinals: writing('deleting what was measured'),
	exportRun: reading('exporting a run'),
	deleteModel: writing('deleting a model'),
	deleteDataset: writing('deleting a dataset'),
	deleteRun: writing('deleting a run'),
	mirror: reading('reading the mirror’s state'),
	watchMirror: reading('watching the mirror'),
	keepMirrorIn: writing('moving the mirror'),
	mirrorFolder: reading('looking for the mirror’s folder'),
	mirrorNow: writing('mirroring the library'),
	lookAtLibrary: reading('looking at a saved library:'),
	bringBack: writing('bringing the library back from'),
	saveLibrary: reading('saving the library'),
};

export const spectrumWork: Works<SpectrumApi> = {
	eigenvalues: reading('working out a spectrum'),
};

/** File names that are said; of more files their number. */
const mostNames = 3;

const isFile = (value: object): value is { name: string } =>
	typeof (value as { name?: unknown }).name === 'string' &&
	typeof (value as { size?: unknown }).size === 'number';

/** Names of the files among the arguments of a call, whether `File`s or files of the local server. */
function filesAmong(values: readonly unknown[], depth = 3): string[] {
	return values.flatMap((value) => {
		if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
		if (isFile(value)) return [value.name];
		if (depth === 0) return [];
		return filesAmong(Array.isArray(value) ? value : Object.values(value), depth - 1);
	});
}

/** The words of a call with its files: `importing a model from config.json, model.safetensors`. */
export function describeCall({ words }: Work, parameters: readonly unknown[]): string {
	const names = [...new Set(filesAmong(parameters))];
	if (names.length === 0) return words.replace(/ (?:from|of)$|:$/, '');
	const more = names.length - mostNames;
	const said = names.slice(0, mostNames).join(', ');
	const linked = / (?:from|of)$|:$/.test(words) ? words : `${words} of`;
	return `${linked} ${said}${more > 0 ? ` and ${more} more` : ''}`;
}
