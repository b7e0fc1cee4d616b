/** The local server: the built page, cross-origin isolated, and the files that a command names; read only. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import sirv from 'sirv';
import { projectRoot } from './install.mjs';
import { securityHeaders } from './securityHeaders.mjs';

/**
 * Whether a Host header means this machine. Any other is refused: a page elsewhere could point a name of its own at
 * 127.0.0.1 and would then count as of the same origin as the lab (DNS rebinding).
 */
function isLocalHost(header) {
	const name = /^(\[[0-9a-f:]+\]|[^:]*)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase() ?? '';
	return /^(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)$/.test(name);
}

/** The path asked for; null where it is none (`//`, broken escapes). */
function pathOf(url) {
	const path = url.split('?')[0];
	if (!path.startsWith('/') || path.startsWith('//')) return null;
	try {
		decodeURIComponent(path);
		return path;
	} catch {
		return null;
	}
}

/** First and last byte asked for; null where the range cannot be served. */
function parseRange(header, size) {
	const match = /^bytes=(\d*)-(\d*)$/.exec(header);
	if (!match || (match[1] === '' && match[2] === '')) return null;
	const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
	const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
	return first <= last ? { first, last } : null;
}

function sendFile(request, response, path) {
	const size = statSync(path, { throwIfNoEntry: false })?.size;
	if (size === undefined) {
		response.writeHead(404).end();
		return;
	}
	response.setHeader('Content-Type', 'application/octet-stream');
	response.setHeader('Accept-Ranges', 'bytes');
	response.setHeader('Cache-Control', 'no-store');
	const header = request.headers.range;
	const range = header === undefined ? { first: 0, last: size - 1 } : parseRange(header, size);
	if (!range) {
		response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
		return;
	}
	const { first, last } = range;
	if (header !== undefined) {
		response.statusCode = 206;
		response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`);
	}
	response.setHeader('Content-Length', last - first + 1);
	if (request.method === 'HEAD' || size === 0) response.end();
	else
		createReadStream(path, { start: first, end: last })
			.on('error', () => response.destroy())
			.pipe(response);
}

function listen(server, port) {
	return new Promise((resolve, reject) => {
		server.once('error', (error) => {
			reject(
				error.code === 'EADDRINUSE'
					? new Error(
							`Port ${port} is taken; perhaps the lab already runs at http://localhost:${port}. ` +
								'Another --port works, but has a library of its own: a browser keeps models and runs by address.',
						)
					: error,
			);
		});
		server.listen(port, '127.0.0.1', () => resolve(server.address().port));
	});
}

/** Why a request gets nothing; null where it may have something. */
function refusalOf({ method, url, headers }) {
	if (!isLocalHost(headers.host))
		return { status: 421, text: 'The lab answers at http://localhost only.\n' };
	if (method !== 'GET' && method !== 'HEAD')
		return { status: 405, headers: { Allow: 'GET, HEAD' } };
	return pathOf(url) === null ? { status: 400, text: 'No such address.\n' } : null;
}

/**
 * Serves `root` (the built page) on localhost. `port` 0 takes a free one.
 * `share(paths)` makes files readable under `/local/...` and returns them as `{name, url, size}`; nothing else is readable.
 */
export async function startServer({ port = 0, root = join(projectRoot, 'dist') } = {}) {
	const page = sirv(root, {
		etag: true,
		setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
	});
	const shared = new Map();
	const server = createServer((request, response) => {
		for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
		const refusal = refusalOf(request);
		if (refusal) {
			response.writeHead(refusal.status, refusal.headers).end(refusal.text);
			return;
		}
		const local = shared.get(pathOf(request.url));
		if (local) sendFile(request, response, local);
		else page(request, response);
	});
	const bound = await listen(server, port);
	return {
		url: `http://localhost:${bound}`,
		port: bound,
		share: (paths) =>
			paths.map((path) => {
				const name = basename(path);
				const url = `/local/${shared.size}/${encodeURIComponent(name)}`;
				shared.set(url, path);
				return { name, url, size: statSync(path).size };
			}),
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}
