/** COMET inside the page: `lab verify` of an estimator, and the estimator of `lab evaluate`. */
import { cometAdvice } from '../contract/comet.ts';
import { guardedFetch } from '../contract/guardedFetch.ts';
import type { VerificationReport } from '../contract/verification.ts';
import { modelSource, reportProgress, type SharedFile, trainer } from './threads.ts';

/** Compares the weights in every form the folder has them: safetensors, torch checkpoint. */
export async function verifyComet({
	model,
	reference,
}: {
	readonly model: readonly SharedFile[];
	readonly reference: SharedFile;
}): Promise<VerificationReport> {
	const numbers = await (await guardedFetch(reference.url)).text();
	const isCheckpoint = ({ name }: SharedFile) => name.endsWith('.ckpt');
	const isSafetensors = ({ name }: SharedFile) => name.includes('.safetensors');
	const forms = [
		model.filter((file) => !isCheckpoint(file)),
		model.filter((file) => !isSafetensors(file)),
	].filter((files) => files.some((file) => isCheckpoint(file) || isSafetensors(file)));
	const reports: VerificationReport[] = [];
	for (const files of forms.length > 0 ? forms : [model]) {
		const { weights } = await trainer().loadComet(modelSource(files), reportProgress);
		const { rows, passed } = await trainer().verifyComet(numbers, reportProgress);
		const named = rows.map((row) => ({ ...row, quantity: `${row.quantity} (${weights})` }));
		reports.push({ rows: named, passed });
	}
	return {
		rows: reports.flatMap(({ rows }) => rows),
		passed: reports.every(({ passed }) => passed),
	};
}

/** Loads the estimator for translations, or says why there is none; the trainer must have been started. */
export async function prepareComet(files: readonly SharedFile[] | null): Promise<string[]> {
	if (files === null)
		return [`Translations are measured without COMET; --comet DIR adds it. ${cometAdvice}`];
	await trainer().loadComet(modelSource(files), reportProgress);
	return [];
}
