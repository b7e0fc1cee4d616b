/** Threads that do not answer, as the page shows them. */
import { onSilence, type Silence } from '../clients/silence.ts';

export class Threads {
	#silences = $state.raw<readonly Silence[]>([]);

	constructor() {
		onSilence((all) => {
			this.#silences = all;
		});
	}

	/** Empty where all threads answer. */
	get silences(): readonly Silence[] {
		return this.#silences;
	}
}
