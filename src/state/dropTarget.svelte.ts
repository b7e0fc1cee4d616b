/** One place files can be dropped on or picked for. */

export class DropTarget {
	#over = $state.raw(false);
	readonly #take: (files: readonly File[]) => Promise<void>;
	readonly #takeDrop: (transfer: DataTransfer) => Promise<void>;

	/** @param takeDrop for drops of folders; without it the dropped files are taken as if picked */
	constructor(
		take: (files: readonly File[]) => Promise<void>,
		takeDrop?: (transfer: DataTransfer) => Promise<void>,
	) {
		this.#take = take;
		this.#takeDrop = takeDrop ?? ((transfer) => take([...transfer.files]));
	}

	/** True while something is dragged over it. */
	get over(): boolean {
		return this.#over;
	}

	dragover = (event: DragEvent): void => {
		event.preventDefault();
		this.#over = true;
	};

	dragleave = (): void => {
		this.#over = false;
	};

	drop = async (event: DragEvent): Promise<void> => {
		event.preventDefault();
		this.#over = false;
		if (event.dataTransfer) await this.#takeDrop(event.dataTransfer);
	};

	/** Clears the input afterwards, so that the same file can be picked again after it was mended. */
	picked = async (event: Event & { currentTarget: HTMLInputElement }): Promise<void> => {
		const input = event.currentTarget;
		const files = [...(input.files ?? [])];
		input.value = '';
		await this.#take(files);
	};
}
