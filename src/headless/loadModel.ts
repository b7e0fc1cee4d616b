/** A model put on the device by a command, which tells what its files say differently. */
import type { ModelSource } from '../contract/model.ts';
import type { WeightFormat } from '../contract/precision.ts';
import { report, reportProgress, trainer } from './threads.ts';

export async function loadModel(
	source: ModelSource,
	{
		untie = false,
		format,
		adapter = null,
	}: {
		readonly untie?: boolean;
		readonly format?: WeightFormat | undefined;
		/** Files that PEFT saved: they say whether a tied model is untied. */
		readonly adapter?: Exclude<ModelSource, { kind: 'stored' }> | null;
	} = {},
): Promise<void> {
	const { notes } = adapter
		? await trainer().loadAdapted(source, adapter, reportProgress)
		: await trainer().load(source, untie, reportProgress, format);
	if (notes.length > 0) report({ kind: 'notes', notes });
}
