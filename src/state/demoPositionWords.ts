/** What studies along the layers show, in plain words: layer by layer, more and more layers, one end after the other. Pure. */
import {
	baseWords,
	type Conclusion,
	ofHundred,
	type Pair,
	pairOf,
	pooled,
	type Result,
	splitHeadlines,
} from './demoPairs.ts';
import { clearlyAbove, type Direction } from './demoScores.ts';

interface Place extends Pair {
	readonly label: string;
	readonly position: number;
}

function places(results: readonly Result[]): readonly Place[] {
	return results.flatMap(({ point }): Place[] => {
		const pair = pairOf(results, point.id);
		return pair && point.position !== null
			? [{ ...pair, label: point.label, position: point.position }]
			: [];
	});
}

const best = (all: readonly Place[], direction: Direction): Place | undefined =>
	all.reduce<Place | undefined>(
		(top, one) => (top && top[direction].mean >= one[direction].mean ? top : one),
		undefined,
	);

/** Words for the axis `layer`; null until every layer is measured. */
export function layerWords(results: readonly Result[], language: string): Conclusion | null {
	const wanted = results.filter(({ point }) => point.position !== null);
	const all = places(results);
	const hears = best(all, 'understands');
	const says = best(all, 'speaks');
	if (!hears || !says || all.length < wanted.length) return null;
	const half = Math.floor(all.length / 2);
	const side = (direction: Direction) => ({
		front: pooled(all.slice(0, half).map((one) => one[direction])),
		rear: pooled(all.slice(-half).map((one) => one[direction])),
	});
	const understands = side('understands');
	const speaks = side('speaks');
	const frontHears = clearlyAbove(understands.front, understands.rear);
	const rearSays = clearlyAbove(speaks.rear, speaks.front);
	const verdict = frontHears && rearSays ? 'shows' : frontHears || rearSays ? 'partly' : 'not';
	const headlines = {
		shows: 'Understanding is learnt in the front half, speaking in the rear half.',
		partly: splitHeadlines.partly,
		not: splitHeadlines.not,
	};
	return {
		verdict,
		headline: headlines[verdict],
		sentences: [
			`Understanding ${language} words is best with ${hears.label.toLowerCase()} alone: ${ofHundred(hears.understands)}; saying them with ${says.label.toLowerCase()}: ${ofHundred(says.speaks)}.`,
			`Taken together, layers of the front half understand ${ofHundred(understands.front)}, layers of the rear half ${ofHundred(understands.rear)}.`,
			`Layers of the front half say ${ofHundred(speaks.front)}, layers of the rear half ${ofHundred(speaks.rear)}.`,
			...baseWords(pairOf(results, 'base')),
		],
	};
}

/** Share of words that counts as learnt. */
const learnt = 0.9;

/** Words for the axis `layers trained`; null until two budgets of each end are measured. */
export function budgetWords(results: readonly Result[]): Conclusion | null {
	const of = (prefix: string) => results.filter(({ point }) => point.id.startsWith(prefix));
	const front = places(of('front-'));
	const rear = places(of('rear-'));
	if (front.length < 2 || rear.length < 2) return null;
	const enough = (all: readonly Place[], direction: Direction): number =>
		all.find((one) => one[direction].mean >= learnt)?.position ?? Infinity;
	const frontHears = enough(front, 'understands');
	const frontSays = enough(front, 'speaks');
	const rearHears = enough(rear, 'understands');
	const rearSays = enough(rear, 'speaks');
	const count = Number(frontHears < frontSays) + Number(rearSays < rearHears);
	const verdict = count === 2 ? 'shows' : count === 1 ? 'partly' : 'not';
	const headlines = {
		shows: 'From the front, understanding comes with fewer layers; from the rear, speaking does.',
		partly: splitHeadlines.partly,
		not: splitHeadlines.not,
	};
	return {
		verdict,
		headline: headlines[verdict],
		sentences: [
			`From the front, 90 of 100 words are ${neededFor(frontHears, 'understood')} and ${neededFor(frontSays, 'said')}.`,
			`From the rear, they are ${neededFor(rearSays, 'said')} and ${neededFor(rearHears, 'understood')}.`,
			...baseWords(pairOf(results, 'base')),
		],
	};
}

function neededFor(layers: number, what: string): string {
	return layers === Infinity
		? `never ${what}`
		: `${what} with ${String(layers)} layer${layers === 1 ? '' : 's'}`;
}

/** Words for the axis `order`; null until both orders are measured. */
export function orderWords(results: readonly Result[]): Conclusion | null {
	const frontFirst = pairOf(results, 'front-rear');
	const rearFirst = pairOf(results, 'rear-front');
	if (!frontFirst || !rearFirst) return null;
	const all = ({ understands, speaks }: Pair) => pooled([understands, speaks]);
	const better = clearlyAbove(all(frontFirst), all(rearFirst));
	const worse = clearlyAbove(all(rearFirst), all(frontFirst));
	const both = pairOf(results, 'both');
	const figures = ({ understands, speaks }: Pair) =>
		`it understands ${ofHundred(understands)} and says ${ofHundred(speaks)}`;
	return {
		verdict: better ? 'shows' : 'not',
		headline: better
			? 'It is better to train the front first.'
			: worse
				? 'Here it is better to train the rear first, against expectation.'
				: 'The order makes no clear difference here.',
		sentences: [
			`Front first, then rear: ${figures(frontFirst)}.`,
			`Rear first, then front: ${figures(rearFirst)}.`,
			...(both ? [`Both at once, for as many updates: ${figures(both)}.`] : []),
		],
	};
}
