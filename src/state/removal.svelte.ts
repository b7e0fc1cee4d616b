/** Asking before something is deleted, in a native dialog. */
import type { Lab } from './lab.svelte.ts';
import type { Kind } from './library.svelte.ts';

export interface Asked {
	readonly kind: Kind;
	readonly id: string;
	readonly name: string;
}

export class Removal {
	readonly #lab: Lab;
	#asked = $state.raw<Asked | null>(null);
	#dialog: HTMLDialogElement | null = null;

	constructor(lab: Lab) {
		this.#lab = lab;
	}

	get asked(): Asked | null {
		return this.#asked;
	}

	attach = (dialog: HTMLDialogElement): void => {
		this.#dialog = dialog;
	};

	ask = (kind: Kind, id: string, name: string): void => {
		this.#asked = { kind, id, name };
		if (this.#dialog) {
			this.#dialog.returnValue = 'keep';
			this.#dialog.showModal();
		}
	};

	closed = async (): Promise<void> => {
		const asked = this.#asked;
		if (asked && this.#dialog?.returnValue === 'delete')
			await this.#lab.remove(asked.kind, asked.id);
		this.#asked = null;
	};
}
