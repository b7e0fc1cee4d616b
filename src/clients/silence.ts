/** Threads that do not answer, wherever they were opened: what people are shown while they wait. */

export interface Silence {
	/** What the thread is called, e.g. "data thread". */
	readonly role: string;
	/** What it was asked to do, e.g. "reading pairs.json". */
	readonly doing: string;
	/** Without an answer. */
	readonly seconds: number;
	/** Seconds from which on it is told. */
	readonly notice: number;
	/** Seconds after which it is ended. */
	readonly limit: number;
	/** Ends it now. */
	readonly end: () => void;
}

type Listener = (silences: readonly Silence[]) => void;

const current = new Map<object, Silence>();
const listeners = new Set<Listener>();

/** `thread`: any object that stands for it. Null: it answers again, or is gone. */
export function tellSilence(thread: object, silence: Silence | null): void {
	if (silence) current.set(thread, silence);
	else if (!current.delete(thread)) return;
	const all = [...current.values()];
	for (const listener of listeners) listener(all);
}

/** Tells every change. */
export function onSilence(listener: Listener): void {
	listeners.add(listener);
}
