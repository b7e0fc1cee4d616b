/** What was typed into a number field: taken where it is an allowed number, kept and marked where it is not. */

export class NumberText {
	#wrong = $state.raw(false);
	#typed = $state.raw('');
	readonly #parse: (typed: string) => number | null | undefined;
	readonly #take: (value: number | null) => void;

	constructor(
		parse: (typed: string) => number | null | undefined,
		take: (value: number | null) => void,
	) {
		this.#parse = parse;
		this.#take = take;
	}

	get wrong(): boolean {
		return this.#wrong;
	}

	get typed(): string {
		return this.#typed;
	}

	changed = (event: Event & { currentTarget: HTMLInputElement }): void => {
		this.#typed = event.currentTarget.value;
		const value = this.#parse(this.#typed);
		this.#wrong = value === undefined;
		if (value !== undefined) this.#take(value);
	};
}
