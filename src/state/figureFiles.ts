/** A figure as a file on the user's disk. */
import { type ReportedStudy, reportFiles } from '../experiments/charts/report.ts';
import type { PaperFigure } from '../experiments/paper/figure.ts';

export type FileKind = 'svg' | 'png' | 'csv' | 'json' | 'html';

/** Starts a download of the figure, its rows, or the report; PNG is drawn from the SVG. */
export async function saveFigure(
	kind: FileKind,
	figure: PaperFigure,
	study: Omit<ReportedStudy, 'figures'>,
): Promise<void> {
	const { id } = figure;
	const files = reportFiles({ ...study, figures: [figure] });
	const names = { svg: `${id}.svg`, csv: 'rows.csv', json: 'rows.json', html: 'report.html' };
	const svg = files[names.svg] ?? '';
	save(kind === 'png' ? await drawn(svg) : new Blob([files[names[kind]] ?? '']), `${id}.${kind}`);
}

function save(blob: Blob, name: string): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(blob);
	link.download = name;
	link.click();
	URL.revokeObjectURL(link.href);
}

/** Twice the size of the SVG. */
async function drawn(svg: string): Promise<Blob> {
	const image = new Image();
	image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
	await image.decode();
	const canvas = new OffscreenCanvas(2 * image.width, 2 * image.height);
	canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
	return canvas.convertToBlob({ type: 'image/png' });
}
