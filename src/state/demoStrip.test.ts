import { expect, test } from 'vitest';
import { demoStudies } from '../experiments/demo/studies.ts';
import { demoStrip } from './demoStrip.ts';

function strip(study: keyof typeof demoStudies, id: string) {
	const point = demoStudies[study](8).points.find((one) => one.id === id);
	if (!point) throw new Error(`no ${id}`);
	const { cells, ...rest } = demoStrip(point);
	return { ...rest, stages: cells.map(({ stage }) => stage).join(''), different: rest.stages };
}

test('cells run from the embedding to the head, filled where they train', () => {
	expect(strip('headline', 'front')).toMatchObject({ stages: '11100000000', different: 1 });
	expect(strip('headline', 'rear')).toMatchObject({
		stages: '00000001101',
		spoken: 'Trains layers 7–8 and the output head.',
	});
	expect(strip('headline', 'middle')).toMatchObject({ stages: '00001100000' });
	expect(strip('headline', 'base')).toMatchObject({
		stages: '00000000000',
		spoken: 'Nothing trains: the model as it is.',
	});
});

test('stages are told apart where they train different layers', () => {
	expect(strip('sequential', 'rear-front')).toMatchObject({ stages: '22200001101', different: 2 });
	expect(strip('sequential', 'rear-front').spoken).toContain('Then: Trains the embedding');
	expect(strip('sequential', 'both')).toMatchObject({ different: 1 });
	expect(strip('lora', 'lora-front').spoken).toContain('low-rank adapters');
});
