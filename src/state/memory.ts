/** Small choices that outlive a reload. A browser that keeps nothing (private windows may refuse) is no failure. */

/** Text kept under the name, null if there is none. */
export function recall(name: string): string | null {
	try {
		return localStorage.getItem(`lab.${name}`);
	} catch {
		return null;
	}
}

/** Keeps the text, or forgets the name with null. */
export function remember(name: string, text: string | null): void {
	try {
		if (text === null) localStorage.removeItem(`lab.${name}`);
		else localStorage.setItem(`lab.${name}`, text);
	} catch {
		// Choices are then made again after a reload; models, datasets and runs live in the store.
	}
}
