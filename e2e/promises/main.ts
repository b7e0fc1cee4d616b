/** All moments of `npm run promises`, their figures and faults. */
import { kinds } from './activities.ts';
import { type KilledMoment, killAtMoments } from './moments.ts';

interface Figures {
	readonly seed: number;
	readonly seconds: number;
	/** By what the browser was killed in: how often, and how often the work had ended by then. */
	readonly moments: Readonly<Record<string, { readonly killed: number; readonly ended: number }>>;
	readonly faults: readonly string[];
}

const line = ({ kind, milliseconds, ended, faults }: KilledMoment, number: number) =>
	`${String(number).padStart(4)}  ${kind.padEnd(10)} killed after ${milliseconds.toFixed(0)} ms${
		ended ? ', ended by then' : ''
	}${faults.length > 0 ? `; before it: ${faults.join('; ')}` : ''}`;

export async function prove(options: {
	readonly moments: number;
	readonly seed: number;
}): Promise<{ text: string; result: Figures }> {
	const begun = Date.now();
	const all = await killAtMoments({
		...options,
		onMoment: (moment, number) => {
			console.log(line(moment, number));
		},
	});
	const killed = all.slice(0, -1);
	const counts = kinds.map((kind) => {
		const own = killed.filter((moment) => moment.kind === kind);
		return [kind, { killed: own.length, ended: own.filter(({ ended }) => ended).length }] as const;
	});
	const faults = all.flatMap((moment) => moment.faults);
	const seconds = (Date.now() - begun) / 1000;
	const text =
		`${killed.length} kills in ${seconds.toFixed(0)} s: ` +
		(faults.length === 0
			? 'nothing that was kept is lost, runs and study end as if nothing had happened'
			: faults.join('\n'));
	return {
		text,
		result: { seed: options.seed, seconds, moments: Object.fromEntries(counts), faults },
	};
}
