/** How far a run had come that lost its device or its thread, in words. */

/** `made`: updates made; `checkpoint`: updates in its newest checkpoint, null where there is none. */
export function runStands(run: string, made: number, checkpoint: number | null): string {
	const updates = made === 1 ? '1 update' : `${made} updates`;
	const kept =
		checkpoint === null
			? 'no checkpoint had been written yet, so it begins anew'
			: `it goes on from its checkpoint after update ${checkpoint}`;
	return `Run ${run} had made ${updates}; ${kept}.`;
}
