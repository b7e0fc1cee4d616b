/** A study as one HTML file that needs nothing else, and its rows as CSV. Pure. */
import { csvText } from '../../contract/csvText.ts';
import type { RunRecord } from '../../contract/library.ts';
import type { PaperFigure } from '../paper/figure.ts';
import type { FigureRow } from '../paper/plan.ts';
import { type FigureData, figureSvg } from './figureSvg.ts';
import { escapeText } from './svg.ts';

export interface ReportedStudy extends FigureData {
	readonly figures: readonly PaperFigure[];
	readonly model: { readonly name: string; readonly id: string; readonly parameters: number };
	readonly records: readonly RunRecord[];
}

/** One line for each row; layers as `0 1 31`. */
function rowsCsv(rows: readonly FigureRow[]): string {
	return csvText(rows.map(({ layers, ...row }) => ({ ...row, layers: layers.join(' ') })));
}

/** The files of a report, by name. */
export function reportFiles(study: ReportedStudy): Record<string, string> {
	return {
		'report.html': reportHtml(study),
		'rows.csv': rowsCsv(study.rows),
		'rows.json': `${JSON.stringify(study.rows, null, '\t')}\n`,
		...Object.fromEntries(
			study.figures.map((figure) => [`${figure.id}.svg`, figureSvg(figure, study)]),
		),
	};
}

/** Figures, environments, and of every run its specification and what its receipt proves. */
function reportHtml(study: ReportedStudy): string {
	const { figures, model, records } = study;
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeText(figures.map(({ title }) => title).join(', '))}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 0; overflow-x: auto; }
svg { width: 100%; min-width: 40rem; height: auto; }
pre { overflow: auto; background: #f4f4f4; padding: .5rem; }
</style>
<h1>CogSym lab: ${escapeText(model.name)}</h1>
<p>Model ${escapeText(model.id)}, ${model.parameters.toLocaleString('en')} parameters, ${study.layers} decoder layers.</p>
${figures.map((figure) => section(figure, study)).join('\n')}
<h2>Environments</h2>
<pre>${escapeText(environments(records))}</pre>
<h2>Runs</h2>
${records.map(runSection).join('\n')}
</html>
`;
}

function section(figure: PaperFigure, study: ReportedStudy): string {
	const { title, question, expectation, finding } = figure;
	return `<h2>${escapeText(title)}</h2>
<p><b>Question.</b> ${escapeText(question)}</p>
<p><b>The paper.</b> ${escapeText(expectation)}</p>
<p><b>Found with this lab before.</b> ${escapeText(finding || 'Not run here.')}</p>
<figure>${figureSvg(figure, study)}</figure>`;
}

function environments(records: readonly RunRecord[]): string {
	const all = records.flatMap(({ environment, earlier }) => [
		environment,
		...earlier.map((one) => one.environment),
	]);
	return [...new Set(all.map((one) => JSON.stringify(one, null, 1)))].join('\n');
}

function runSection({ id, spec, status, steps, receipt }: RunRecord): string {
	const tensors = receipt?.tensors ?? [];
	const changed = tensors.filter(({ before, after }) => before !== after).length;
	const frozen = receipt?.frozenUnchanged ? 'frozen ones are identical' : 'no proof of frozen ones';
	return `<details><summary>${escapeText(`${id}: ${status}`)} after ${steps} updates, ${changed} of ${tensors.length} tensors changed, ${frozen}</summary>
<pre>${escapeText(JSON.stringify(spec, null, 1))}</pre>
<pre>${escapeText(tensors.map(({ name, before, after }) => `${name} ${before} ${after}`).join('\n'))}</pre></details>`;
}
