/** How far long work is. */

export interface Progress {
	readonly done: number;
	readonly total: number;
	readonly label: string;
}
