/** Whether a page at this address can be the lab at all. */
import type { Failure } from './failure.ts';

/** Why not; null where it can. `secure`: what the browser says of the page (`isSecureContext`). */
export function refusedAddress(
	{ protocol, host, port }: Pick<Location, 'protocol' | 'host' | 'port'>,
	secure: boolean,
): Failure | null {
	if (secure) return null;
	const local = `http://localhost${port === '' ? '' : `:${port}`}`;
	return {
		title: 'The lab cannot run at this address',
		message:
			`Browsers trust pages from this computer or over https only, and ${protocol}//${host} is neither: here they ` +
			'withhold WebGPU, threads with shared memory, fingerprints of files and storage that lasts. The fault is the ' +
			'address, not your browser or your files.',
		advice:
			`On the computer that runs the lab, open it at ${local}. From another computer it must be served over https, or ` +
			`its port be forwarded (ssh -L ${port || 80}:localhost:${port || 80} HOST) and opened at ${local} there.`,
		name: 'InsecureAddress',
	};
}
