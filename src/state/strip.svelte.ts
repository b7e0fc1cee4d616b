/** Hands on the layer strip: strokes of a pointer, steps of the keyboard, one cell in the tab order. */
import type { Layers } from './layers.svelte.ts';

const steps: Readonly<Record<string, number>> = {
	ArrowRight: 1,
	ArrowDown: 1,
	ArrowLeft: -1,
	ArrowUp: -1,
	Home: -Infinity,
	End: Infinity,
};

function indexAt(target: Element | null): number | null {
	const text = target?.closest<HTMLElement>('[data-cell]')?.dataset.cell;
	return text === undefined ? null : Number(text);
}

export class Strip {
	readonly #layers: Layers;
	#current = $state.raw(0);
	#stroke = false;

	constructor(layers: Layers) {
		this.#layers = layers;
	}

	/** The cell that Tab reaches. */
	get current(): number {
		return Math.min(this.#current, this.#layers.cells.length - 1);
	}

	focused = (index: number): void => {
		this.#current = index;
	};

	pointerdown = (event: PointerEvent): void => {
		const index = indexAt(event.target as Element);
		const cell = index === null ? undefined : this.#layers.cells[index];
		if (!cell || event.button !== 0) return;
		// Captured, so that a stroke that ends outside the strip still ends.
		(event.currentTarget as Element).setPointerCapture(event.pointerId);
		this.#stroke = true;
		this.#layers.press(cell);
	};

	/** A captured or fast pointer is over other cells than the event's target: the page is asked what lies under it. */
	pointermove = (event: PointerEvent): void => {
		if (!this.#stroke) return;
		const index = indexAt(document.elementFromPoint(event.clientX, event.clientY));
		const cell = index === null ? undefined : this.#layers.cells[index];
		if (cell) this.#layers.paint(cell);
	};

	pointerup = (): void => {
		this.#stroke = false;
		this.#layers.release();
	};

	/** Clicks by pointer were strokes already; those by keyboard and assistive tools have no pointer detail. */
	clicked = (event: MouseEvent): void => {
		const index = indexAt(event.currentTarget as Element);
		const cell = index === null ? undefined : this.#layers.cells[index];
		if (cell && event.detail === 0) this.#layers.toggle(cell);
	};

	keydown = (event: KeyboardEvent): void => {
		const step = steps[event.key];
		if (step === undefined) return;
		event.preventDefault();
		const last = this.#layers.cells.length - 1;
		const next = Math.max(0, Math.min(last, this.current + step));
		const strip = event.currentTarget as HTMLElement;
		strip.querySelector<HTMLElement>(`[data-cell="${String(next)}"]`)?.focus();
	};
}
