/** What `lab select` does, outside the page. */
import { basename, resolve } from 'node:path';
import { file, modelFiles, print, withLab } from './drive.mjs';
import { scoreTable } from './print.mjs';

/** Tells mistakes before a browser starts. */
function checkOptions({ method, model, data, texts, columns, published }) {
	if (published) {
		if (method === 'fisher')
			throw new Error('no Fisher scores were published; leave --published out');
		if (model) throw new Error('--published reads no model; leave --model out');
		return;
	}
	if (!model) throw new Error('name a model with --model');
	if (method === 'fisher' && !data) throw new Error('--method fisher needs --data');
	if (method === 'lape' && !texts) throw new Error('--method lape needs --texts');
	if (method === 'lape' && !(columns?.length >= 2))
		throw new Error('--method lape compares languages: name two columns or more with --columns');
}

function request(lab, { method, model, k, data, texts, columns, rows, aggregation, cut }) {
	const shared = (path) => lab.share([file(path)])[0];
	return {
		method,
		k: k ?? null,
		model: { name: basename(resolve(model)), files: lab.share(modelFiles(model)) },
		...(method === 'fisher' && {
			dataset: { file: shared(data), mapping: columns ?? null },
			rows,
			aggregation,
		}),
		...(method === 'lape' && { texts: { file: shared(texts), columns, rows: null } }),
		...(method === 'heavy-tail' && { cut }),
	};
}

/** Files that must be there, before a browser starts. */
function checkFiles({ method, model, data, texts }) {
	modelFiles(model);
	if (method === 'fisher') file(data);
	if (method === 'lape') file(texts);
}

export async function select(options) {
	checkOptions(options);
	const { method, k, backend, published, json } = options;
	if (!published) checkFiles(options);
	await withLab({ backend: published ? null : backend }, async (lab, device) => {
		const asked = published
			? { method: 'published', of: method, k: k ?? null }
			: request(lab, options);
		const result = await lab.call('select', asked);
		const chosen = `${result.layers.length} best: --layers ${result.layers.join(',')}`;
		print(json, { device, method, ...result }, `${scoreTable(result)}\n${chosen}`);
	});
}
