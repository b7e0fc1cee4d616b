/** What a study of front, middle, rear and both ends shows, in plain words. Pure. */
import {
	baseWords,
	type Conclusion,
	ofHundred,
	type Pair,
	pairOf,
	type Result,
	splitHeadlines,
} from './demoPairs.ts';
import type { PointProgress } from './demoProgress.ts';
import { clearlyAbove, type Direction } from './demoScores.ts';

/** Points of the LoRA study are named as those of the headline study, after a prefix. */
function region(results: readonly Result[], name: string): Pair | null {
	return pairOf(results, name) ?? pairOf(results, `lora-${name}`);
}

/** Words for the axis `region`; null while front or rear is not measured. */
export function regionWords(results: readonly Result[], language: string): Conclusion | null {
	const front = region(results, 'front');
	const rear = region(results, 'rear');
	if (!front || !rear) return null;
	const missing = missingClaims(front, rear);
	const verdict = missing.length === 0 ? 'shows' : missing.length <= 2 ? 'partly' : 'not';
	return {
		verdict,
		headline: splitHeadlines[verdict],
		sentences: [
			`Trained at the front only, the model understands ${ofHundred(front.understands)} ${language} words and says ${ofHundred(front.speaks)}.`,
			`Trained at the rear only, it says ${ofHundred(rear.speaks)} and understands ${ofHundred(rear.understands)}.`,
			...missing,
			...(verdict === 'shows' ? [] : speedWords(results)),
			...baseWords(region(results, 'base')),
			...bothEndsWords(region(results, 'cogsym'), region(results, 'full')),
			...middleWords(region(results, 'middle'), region(results, 'cogsym')),
		],
	};
}

/** The picture is four claims; those that the figures do not bear out, in words. */
function missingClaims(front: Pair, rear: Pair): string[] {
	const claims: readonly [boolean, string][] = [
		[
			clearlyAbove(front.understands, front.speaks),
			'The front does not understand clearly better than it speaks.',
		],
		[
			clearlyAbove(rear.speaks, rear.understands),
			'The rear does not speak clearly better than it understands.',
		],
		[
			clearlyAbove(front.understands, rear.understands),
			clearlyAbove(rear.understands, front.understands)
				? 'But the rear understands more than the front does.'
				: 'The front does not understand clearly more than the rear does.',
		],
		[
			clearlyAbove(rear.speaks, front.speaks),
			clearlyAbove(front.speaks, rear.speaks)
				? 'But the front says more than the rear does.'
				: 'The rear does not say clearly more than the front does.',
		],
	];
	return claims.flatMap(([holds, otherwise]) => (holds ? [] : [otherwise]));
}

/** Updates until half of the words are right; null where they never are. */
export function halfway(curve: PointProgress['curve'], direction: Direction): number | null {
	return curve.find((point) => (point[direction]?.mean ?? 0) >= 0.5)?.step ?? null;
}

/** Where the ends meet, one direction may still have come sooner. */
function speedWords(results: readonly Result[]): string[] {
	const sentence = (id: string, first: Direction, second: Direction): string[] => {
		const curve = results.find(({ point }) => point.id === id || point.id === `lora-${id}`)?.curve;
		const early = curve ? halfway(curve, first) : null;
		if (!curve || early === null) return [];
		const late = halfway(curve, second);
		if (late !== null && late <= early) return [];
		const name = { understands: 'understood', speaks: 'said' };
		return [
			`It still shows in the speed: the ${id} ${name[first]} half of the words after ${String(early)} updates, ` +
				`and ${name[second]} half ${late === null ? 'not within this training' : `after ${String(late)}`}.`,
		];
	};
	return [
		...sentence('front', 'understands', 'speaks'),
		...sentence('rear', 'speaks', 'understands'),
	];
}

function bothEndsWords(cogsym: Pair | null, full: Pair | null): string[] {
	if (!cogsym || !full) return [];
	const gap = Math.max(
		full.understands.mean - cogsym.understands.mean,
		full.speaks.mean - cogsym.speaks.mean,
	);
	const figures =
		`With a quarter of the layers, half of them from each end (CogSym), it reaches ${ofHundred(cogsym.understands)} ` +
		`and ${ofHundred(cogsym.speaks)}; with all layers ${ofHundred(full.understands)} and ${ofHundred(full.speaks)}.`;
	const judgement =
		gap <= 0.05
			? 'On words the quarter does what the whole does, as in the paper.'
			: gap <= 0.1
				? 'On words the quarter comes close to the whole, within ten of a hundred.'
				: 'The quarter stays behind the whole here; in the paper it nearly reaches it.';
	return [figures, judgement];
}

function middleWords(middle: Pair | null, cogsym: Pair | null): string[] {
	if (!middle || !cogsym) return [];
	const behind =
		clearlyAbove(cogsym.understands, middle.understands) &&
		clearlyAbove(cogsym.speaks, middle.speaks);
	const figures = `${ofHundred(middle.understands)} and ${ofHundred(middle.speaks)}`;
	return [
		behind
			? `The same number of layers from the middle stays behind both ways (${figures}), as in the paper.`
			: `The same number of layers from the middle reaches ${figures}: it is not behind both ways, unlike in the paper.`,
	];
}
