/** The root of the page's state: one object per area, wired once, handed down by context. */
import { createContext } from 'svelte';
import { Demo } from './demo.svelte.ts';
import { type BackendChoice, Device } from './device.svelte.ts';
import { Draft } from './draft.svelte.ts';
import { Language } from './language.svelte.ts';
import { Layers } from './layers.svelte.ts';
import { type Kind, Library } from './library.svelte.ts';
import { Measure } from './measure.svelte.ts';
import { Mirror } from './mirror.svelte.ts';
import { Models } from './models.svelte.ts';
import { Scores } from './scores.svelte.ts';
import { Study } from './study.svelte.ts';
import { Threads } from './threads.svelte.ts';
import { Timing } from './timing.svelte.ts';
import { Training } from './training.svelte.ts';

export class Lab {
	readonly threads = new Threads();
	readonly draft = new Draft();
	readonly device = new Device();
	readonly library = new Library();
	readonly mirror = new Mirror(this.library);
	readonly models = new Models(this.device, this.library, this.draft);
	readonly language = new Language(this.library, this.draft);
	readonly layers = new Layers(this.device, this.models, this.draft);
	readonly scores = new Scores(this);
	readonly training = new Training(
		this.device,
		this.library,
		this.models,
		this.language,
		this.draft,
	);
	readonly timing = new Timing(this.device, this.models, this.draft, this.training);
	readonly measure = new Measure(
		this.device,
		this.library,
		this.models,
		this.language,
		this.draft,
		this.training,
	);
	readonly demo = new Demo(this);
	readonly study = new Study(this);

	/** True while the device trains, measures, times or scores: what runs keeps its run and its model until it ends. */
	readonly busy = $derived.by(
		() =>
			this.training.busy ||
			this.timing.busy ||
			this.measure.progress !== null ||
			this.scores.progress !== null,
	);

	constructor() {
		this.draft.onchange = () => {
			this.layers.plan();
			this.training.followModel();
			this.language.followModel();
		};
		this.models.onready = this.layers.plan;
		this.library.absentName = (id) =>
			this.mirror.state?.absentModels.find((model) => model.id === id)?.name;
		this.library.onread = () => void this.mirror.follow();
		this.training.onshow = () => void this.measure.follow();
	}

	/** Reads the library, shows what was on show before, and loads the chosen model. */
	begin = async (): Promise<void> => {
		await this.library.refresh();
		this.demo.settle();
		await this.training.reopenLast();
		await Promise.all([this.models.load(), this.language.show(0)]);
	};

	/** A new device, with the chosen model on it. */
	restart = async (choice?: BackendChoice): Promise<void> => {
		await this.device.restart(choice);
		if (this.device.report) await this.models.load();
	};

	/** A new device, and the run on show goes on from its checkpoint. */
	restartRun = async (): Promise<void> => {
		await this.restart();
		await this.training.start();
	};

	/** Opens a stored run with its model on the device. */
	openRun = async (id: string): Promise<boolean> => {
		if (this.busy) return false;
		const opened = await this.training.reopen(id);
		if (opened) await this.models.load();
		return opened;
	};

	/** Opens a stored run and trains on from its checkpoint. */
	resumeRun = async (id: string): Promise<void> => {
		if (await this.openRun(id)) await this.training.start();
	};

	/** Deletes a stored thing, and forgets it where it was chosen. */
	remove = async (kind: Kind, id: string): Promise<void> => {
		if (!(await this.library.remove(kind, id))) return;
		const { spec } = this.draft;
		if (kind === 'run' && this.training.open?.id === id) this.training.clear();
		if (kind === 'model' && spec.model === id) this.draft.patch({ model: '' });
		if (kind === 'dataset' && spec.data.dataset === id) this.draft.patchData({ dataset: '' });
	};
}

export const [useLab, provideLab] = createContext<Lab>();
