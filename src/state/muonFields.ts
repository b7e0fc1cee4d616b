/** Fields of Muon, which stand in the form where it is chosen. */
import { muonOptions } from '../contract/muon.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { ChoiceField, NumberField } from './fields.ts';

/** Null: left out, and so as torch has it. */
function withOption(spec: RunSpec, key: string, value: unknown): RunSpec {
	const { muon: before, ...rest } = spec.optimizer;
	const stated = Object.entries<unknown>({ ...before, [key]: value }).filter(
		([, one]) => one !== null,
	);
	// Left out where nothing is stated: one spelling, one id.
	const muon = stated.length > 0 ? { muon: Object.fromEntries(stated) } : {};
	return { ...spec, optimizer: { ...rest, ...muon } };
}

const shown = ({ optimizer: { kind } }: RunSpec) => kind === 'muon';

export const muonFields: readonly [NumberField, ChoiceField] = [
	{
		kind: 'number',
		id: 'muon-learning-rate',
		label: 'Learning rate of Muon',
		help: 'Of the matrices that Muon moves. Empty: the learning rate of the rest.',
		...{ min: 0, max: 1, step: 'any', optional: true },
		shown,
		read: ({ optimizer }) => optimizer.muon?.learningRate ?? null,
		write: (spec, value) => withOption(spec, 'learningRate', value),
	},
	{
		kind: 'choice',
		id: 'muon-adjustment',
		label: 'Step of Muon',
		help: 'As large as AdamW’s: its learning rates fit. Its own needs larger ones, such as 0.02.',
		options: [
			{ value: 'original', label: 'its own' },
			{ value: 'match_rms_adamw', label: 'as large as AdamW’s' },
		],
		shown,
		read: ({ optimizer }) => muonOptions(optimizer).adjustLearningRate,
		write: (spec, value) =>
			withOption(spec, 'adjustLearningRate', value === 'original' ? null : value),
	},
];
