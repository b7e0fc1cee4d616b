/** Scores of files of lines against files of references. */
import type { AlignedLines, ScoreFiles, TextMetric, TextScore } from '../contract/scoring.ts';
import { createPause } from '../data/pause.ts';
import { badData, readLines } from '../data/text.ts';
import { bleu, BLEU_SIGNATURE } from '../tasks/metrics/bleu.ts';
import {
	type ChrfKind,
	chrfOf,
	chrfOverlaps,
	chrfSignature,
	type Overlap,
} from '../tasks/metrics/chrf.ts';
import { macroF1 } from '../tasks/metrics/macroF1.ts';

interface NamedLines {
	readonly file: string;
	readonly lines: readonly string[];
}

/**
 * BLEU, chrF, chrF++ of translations or macro-F1 of labels. Rejects with `BadInput` naming file and line where a file is
 * empty, not UTF-8, holds a NUL or has another number of lines than the others, and where a label is empty or one of the
 * hypotheses that no reference has.
 */
export async function scoreFiles(metric: TextMetric, files: ScoreFiles): Promise<TextScore> {
	const references = await linesOf(files.references);
	const hypotheses = await linesOf(files.hypotheses);
	checkAsMany(hypotheses, references);
	if (files.sources) checkAsMany(await linesOf(files.sources), references);
	const counted = { metric, lines: references.lines.length };
	if (metric === 'macro-f1')
		return {
			...counted,
			score: labelF1(hypotheses, references),
			signature: null,
			sentences: null,
		};
	if (metric === 'bleu')
		return {
			...counted,
			score: bleu(hypotheses.lines, references.lines),
			signature: BLEU_SIGNATURE,
			sentences: null,
		};
	const { corpus, sentences } = chrfOf(await overlapsOf(metric, hypotheses, references));
	return { ...counted, score: corpus, signature: chrfSignature(metric), sentences };
}

/** In slices: of long files it takes a minute, and a thread that does not answer is ended. */
async function overlapsOf(
	kind: ChrfKind,
	hypotheses: NamedLines,
	references: NamedLines,
): Promise<(readonly Overlap[])[]> {
	const pause = createPause();
	const overlaps: (readonly Overlap[])[] = [];
	for (const [at, text] of hypotheses.lines.entries()) {
		overlaps.push(chrfOverlaps(kind, text, references.lines[at] ?? ''));
		await pause();
	}
	return overlaps;
}

/** Lines without the space around them, as COMET reads files. Rejects as `scoreFiles` does. */
export async function alignedLines(files: ScoreFiles): Promise<AlignedLines> {
	const references = await linesOf(files.references);
	const hypotheses = await linesOf(files.hypotheses);
	checkAsMany(hypotheses, references);
	const sources = files.sources && (await linesOf(files.sources));
	if (sources) checkAsMany(sources, references);
	const trimmed = ({ lines }: NamedLines) => lines.map((line) => line.trim());
	return {
		hypotheses: trimmed(hypotheses),
		references: trimmed(references),
		sources: sources && trimmed(sources),
	};
}

async function linesOf(file: File): Promise<NamedLines> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	return { file: file.name, lines: readLines(bytes, file.name) };
}

function checkAsMany(one: NamedLines, references: NamedLines): void {
	const [own, other] = [one.lines.length, references.lines.length];
	if (own === other) return;
	const place = `line ${Math.min(own, other) + 1}`;
	throw badData(
		one.file,
		own < other
			? `there is no ${place}; ${references.file} has ${other} lines, and each needs one here`
			: `${place} has no partner; ${references.file} has ${other} lines, this file ${own}`,
	);
}

/** Over the classes of the references. */
function labelF1(hypotheses: NamedLines, references: NamedLines): number {
	const [given, gold] = [labelsOf(hypotheses), labelsOf(references)];
	const known = new Set(gold);
	const classes = [...known].sort();
	const empty = given.findIndex((label) => !known.has(label));
	if (empty >= 0)
		throw badData(
			hypotheses.file,
			`line ${empty + 1}: the class "${given[empty]}" is empty, as no line of ${references.file} has it; ` +
				`its classes are ${classes.join(', ')}`,
		);
	return macroF1(gold, given, classes);
}

function labelsOf({ file, lines }: NamedLines): string[] {
	const labels = lines.map((line) => line.trim());
	const empty = labels.indexOf('');
	if (empty >= 0) throw badData(file, `line ${empty + 1}: there is no label; write one`);
	return labels;
}
