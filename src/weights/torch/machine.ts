/** What reading a pickle works on: a stack of plain values, and the names its caller knows. */

/** A Python class or function the caller knows. */
export interface PickleName {
	readonly name: string;
	/** Makes what Python would return for these arguments; throws `Refusal`. */
	readonly call: (args: readonly unknown[]) => unknown;
}

export interface PickleNames {
	/** What `module name` stands for; null refuses it. */
	readonly find: (name: string) => PickleName | null;
	/** What a persistent id stands for; throws `Refusal`. */
	readonly persistent: (id: unknown) => unknown;
}

/** Why the file cannot be read; where is added on the way out. */
export class Refusal extends Error {}

export const refuse = (problem: string): never => {
	throw new Refusal(problem);
};

export interface Machine {
	readonly names: PickleNames;
	readonly view: DataView;
	at: number;
	readonly stack: unknown[];
	/** Heights of the stack at each open MARK. */
	readonly marks: number[];
	readonly memo: Map<number, unknown>;
}
