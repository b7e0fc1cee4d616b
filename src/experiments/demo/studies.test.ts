/** Every study of the demo trains the layers it says, whatever the depth of the model. */
import { describe, expect, it } from 'vitest';
import { layerSet } from '../../selection/positional.ts';
import { demoStudies, type DemoStudyName } from './studies.ts';

const names = Object.keys(demoStudies) as DemoStudyName[];

/** Layers by point; `e` and `h` where embedding and head train, `>` between stages. */
function trained(name: DemoStudyName, layers: number): Record<string, string> {
	const { points } = demoStudies[name](layers);
	return Object.fromEntries(
		points.map(({ id, stages }) => {
			const texts = stages.map((selection) => {
				const set = layerSet(selection, layers);
				const parts = [set.embedding ? 'e' : '', ...set.layers, set.head ? 'h' : ''];
				return parts.filter((part) => part !== '').join(' ');
			});
			return [id, texts.join(' > ')];
		}),
	);
}

const all = (layers: number) => `e ${Array.from({ length: layers }, (_, i) => i).join(' ')} h`;

describe.each([
	{
		layers: 8,
		headline: { front: 'e 0 1', middle: '3 4', rear: '6 7 h', cogsym: 'e 0 7 h' },
		both: 'e 0 1 6 7 h',
	},
	{
		layers: 16,
		headline: {
			front: 'e 0 1 2 3',
			middle: '6 7 8 9',
			rear: '12 13 14 15 h',
			cogsym: 'e 0 1 14 15 h',
		},
		both: 'e 0 1 2 3 12 13 14 15 h',
	},
])('with $layers layers', ({ layers, headline, both }) => {
	it('headline and LoRA take a quarter of them', () => {
		const { front, rear, cogsym } = headline;
		expect(trained('headline', layers)).toEqual({ base: '', ...headline, full: all(layers) });
		expect(trained('lora', layers)).toEqual({
			base: '',
			'lora-front': front,
			'lora-rear': rear,
			'lora-cogsym': cogsym,
			'lora-full': all(layers),
		});
	});

	it('single layers come without embedding and head', () => {
		const single = Array.from({ length: layers }, (_, i) => [`layer-${i + 1}`, String(i)]);
		expect(trained('layers', layers)).toEqual({ base: '', ...Object.fromEntries(single) });
	});

	it('front and rear grow by two layers to all of them', () => {
		const points = trained('front-rear', layers);
		expect(Object.keys(points)).toHaveLength(1 + layers);
		expect([points['front-2'], points['rear-2']]).toEqual([
			'e 0 1',
			`${layers - 2} ${layers - 1} h`,
		]);
		expect(points[`front-${layers}`]).toBe(all(layers).slice(0, -2));
		expect(points[`rear-${layers}`]).toBe(all(layers).slice(2));
	});

	it('in turn, either end comes first, and both at once get as many updates', () => {
		const { front, rear } = headline;
		expect(trained('sequential', layers)).toEqual({
			base: '',
			front,
			rear,
			'front-rear': `${front} > ${rear}`,
			'rear-front': `${rear} > ${front}`,
			both: `${both} > ${both}`,
		});
	});
});

it.each(names)('%s: ids differ, and only LoRA has adapters', (name) => {
	const { points } = demoStudies[name](8);
	expect(new Set(points.map(({ id }) => id)).size).toBe(points.length);
	const adapted = points.filter(({ adapter }) => adapter !== null).map(({ id }) => id);
	expect(adapted.every((id) => id.startsWith('lora-'))).toBe(true);
	expect(adapted).toHaveLength(name === 'lora' ? 4 : 0);
});
