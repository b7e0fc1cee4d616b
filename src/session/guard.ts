/** What stands between a thread's interface and its callers: errors leave with a name and in words, see told.ts. */
import { describeCall, type Work } from '../contract/doing.ts';
import { isNamed } from '../contract/errors.ts';
import { told } from '../contract/told.ts';

/** What every thread answers besides its interface. */
export interface Alive {
	alive(): Promise<true>;
}

type Method = (...parameters: never[]) => unknown;

/**
 * The same interface, whose methods reject with errors of `contract/errors.ts` and nothing else. What nobody foresaw
 * becomes a `Defect`, and its stack goes to the console. `alive` answers as soon as the thread can hear.
 */
export function guarded<Api extends object>(
	api: Api,
	works: Readonly<Record<keyof Api, Work>>,
): Api & Alive {
	const names = Object.keys(works) as (keyof Api & string)[];
	const methods = names.map((name) => {
		const method = api[name] as Method;
		const guard = async (...parameters: never[]): Promise<unknown> => {
			try {
				return await method(...parameters);
			} catch (error) {
				if (!isNamed(error)) console.error(error);
				throw told(error, describeCall(works[name], parameters), works[name].effect);
			}
		};
		return [name, guard] as const;
	});
	return {
		...(Object.fromEntries(methods) as Api),
		alive: () => Promise.resolve(true as const),
	};
}
