/** All moments of `npm run promises`, their figures and faults. */
import { kinds } from './activities.ts';
import { type Fill, fillDisk } from './fillDisk.ts';
import { type KilledMoment, killAtMoments } from './moments.ts';

interface Figures {
	readonly seed: number;
	readonly seconds: number;
	/** By what the browser was killed in: how often, and how often the work had ended by then. */
	readonly moments: Readonly<Record<string, { readonly killed: number; readonly ended: number }>>;
	/** Small disks filled in the middle of writes; null where this user may not mount one. */
	readonly disks: {
		readonly filled: number;
		readonly kept: number;
		/** Lost, and told: where something else had taken what was kept free. */
		readonly told: number;
		/** By what was not written: how often that was told. */
		readonly refused: Readonly<Record<string, number>>;
	} | null;
	readonly faults: readonly string[];
}

const line = ({ kind, milliseconds, ended, faults }: KilledMoment, number: number) =>
	`${String(number).padStart(4)}  ${kind.padEnd(10)} killed after ${milliseconds.toFixed(0)} ms${
		ended ? ', ended by then' : ''
	}${faults.length > 0 ? `; before it: ${faults.join('; ')}` : ''}`;

const fillLine = ({ left, killed, robbed, library, refusals }: Fill) =>
	`disk  ${(left / 1e6).toFixed(1)} MB left, ${refusals.length} writes refused, ${robbed ? 'what was kept free taken, too, ' : ''}${
		killed ? 'killed, ' : ''
	}library: ${library}`;

/** `No room to store the checkpoint after 5 updates: ...` is `the checkpoint after # updates`. */
function refused(fills: readonly Fill[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const refusal of fills.flatMap(({ refusals }) => refusals)) {
		const what = (/No room to store (.*?):/.exec(refusal)?.[1] ?? refusal).replaceAll(
			/\S*\d\S*/g,
			'#',
		);
		counts[what] = (counts[what] ?? 0) + 1;
	}
	return counts;
}

export async function prove(options: {
	readonly moments: number;
	readonly seed: number;
	readonly fills: number;
}): Promise<{ text: string; result: Figures }> {
	const begun = Date.now();
	const all = await killAtMoments({
		...options,
		onMoment: (moment, number) => {
			console.log(line(moment, number));
		},
	});
	const fills = await fillDisk({
		...options,
		onFill: (fill) => {
			console.log(fillLine(fill));
		},
	});
	const killed = all.slice(0, -1);
	const counts = kinds.map((kind) => {
		const own = killed.filter((moment) => moment.kind === kind);
		return [kind, { killed: own.length, ended: own.filter(({ ended }) => ended).length }] as const;
	});
	const faults = [...all, ...(fills ?? [])].flatMap((proved) => proved.faults);
	const libraries = (which: Fill['library']) =>
		fills?.filter(({ library }) => library === which).length ?? 0;
	const [kept, told] = [libraries('kept'), libraries('its loss was told')];
	const seconds = (Date.now() - begun) / 1000;
	const text =
		`${killed.length} kills, ${
			fills === null
				? 'no full disk (this user may not mount one)'
				: `${fills.length} full disks, ${kept} libraries kept, the loss of ${told} told`
		}, ${seconds.toFixed(0)} s: ` +
		(faults.length === 0
			? 'nothing that was kept is lost, runs and study end as if nothing had happened'
			: faults.join('\n'));
	return {
		text,
		result: {
			seed: options.seed,
			seconds,
			moments: Object.fromEntries(counts),
			disks: fills && { filled: fills.length, kept, told, refused: refused(fills) },
			faults,
		},
	};
}
