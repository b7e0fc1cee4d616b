/** The report stands alone and says everything; CSV keeps every row. */
import { expect, it } from 'vitest';
import { figures } from '../paper/figures.ts';
import type { FigureRow } from '../paper/plan.ts';
import { reportFiles } from './report.ts';

const row: FigureRow = {
	...{ figure: 'figure-1', language: 'javanese', seed: 1, point: 'front-2', label: 'Front, 2' },
	...{ series: 'front', x: 2, step: null, layers: [0, 1], measure: 'exam', metric: 'accuracy' },
	...{ mean: 0.5, sd: null, runs: 1, count: 90, run: 'abc' },
};
const tensor = { name: 'w', trainable: true, change: 1, norm: 2, before: '11', after: '22' };
const record = {
	...{ id: 'abc', spec: { seed: 3407 }, status: 'finished', steps: 10, earlier: [] },
	environment: { backend: 'wasm', adapter: '<2 threads>' },
	receipt: { tensors: [tensor], frozenUnchanged: true },
};
const files = reportFiles({
	...{ figures: [figures['figure-1']], rows: [row], rankings: {}, layers: 8 },
	model: { name: 'demo', id: 'm1', parameters: 2_263_168 },
	records: [record as never],
});

it('holds figures, specifications, environments and receipts, and refers to nothing', () => {
	const html = files['report.html']!;
	for (const text of ['<svg', '3407', '&lt;2 threads&gt;', 'w 11 22', '1 of 1 tensors changed'])
		expect(html).toContain(text);
	expect(html).toContain('<b>Found with this lab before.</b>');
	expect(html).not.toMatch(/(src|href)=/);
});

it('escapes every name, may load nothing, and its charts are XML whatever they hold', () => {
	const hostile = '"><script>alert(1)</script>\u0000\ud800';
	const hostileRow = { ...row, label: hostile, point: hostile, run: hostile };
	const told = reportFiles({
		...{ figures: [figures['figure-1']], rows: [hostileRow], rankings: {}, layers: 8 },
		model: { name: hostile, id: hostile, parameters: 1 },
		records: [
			{ ...record, id: hostile, status: hostile, environment: { adapter: hostile } } as never,
		],
	});
	for (const [name, text] of Object.entries(told)) {
		if (!/html|svg/.test(name)) continue;
		expect(text).not.toMatch(/<script/i);
		expect(text).not.toMatch(/\p{Cs}/u);
		expect(text).not.toContain('\u0000');
	}
	expect(told['report.html']).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

it('gives the rows as CSV and JSON, and every figure by itself', () => {
	expect(files['rows.csv']).toBe(
		'figure,language,seed,point,label,series,x,step,measure,metric,mean,sd,runs,count,run,layers\n' +
			'figure-1,javanese,1,front-2,"Front, 2",front,2,,exam,accuracy,0.5,,1,90,abc,0 1\n',
	);
	expect(JSON.parse(files['rows.json']!)).toEqual([row]);
	expect(files['figure-1.svg']).toMatch(/^<svg xmlns=/);
});
