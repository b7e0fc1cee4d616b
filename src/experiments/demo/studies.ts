/** The demo's studies by their name on the command line. */
import type { Study } from '../../contract/study.ts';
import { frontRear } from './frontRear.ts';
import { headline } from './headline.ts';
import { singleLayers } from './layers.ts';
import { lora } from './lora.ts';
import { sequential } from './sequential.ts';

export type DemoStudyName = 'headline' | 'layers' | 'front-rear' | 'lora' | 'sequential';

/** Each for a model of so many layers. */
export const demoStudies: Readonly<Record<DemoStudyName, (layers: number) => Study>> = {
	headline,
	layers: singleLayers,
	'front-rear': frontRear,
	lora,
	sequential,
};
