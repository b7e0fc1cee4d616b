/**
 * The optimizers that a run may name, with what people read of them: for the command line, which runs in plain Node, and
 * for the page alike. What each does is in a file of its own in src/engine/optim/.
 */
export const optimizers = {
	/** torch's, moments in float32. */
	adamw: { label: 'AdamW', help: '', lighter: 'adamw-8bit' },
	/**
	 * bitsandbytes', moments of 8 bits but for the embedding and tensors below 4,096 elements; weights decay after the step.
	 */
	'adamw-8bit': {
		label: 'AdamW in 8 bits',
		help: 'In 8 bits it takes down to a quarter of its memory and moves a little less exactly.',
	},
	/** torch's Muon for the matrices of decoder layers, AdamW for the rest (contract/muon.ts). */
	muon: {
		label: 'Muon, AdamW for the rest',
		help: 'Muon moves a matrix equally far in all its directions and keeps half of AdamW’s memory for it.',
	},
};

export const optimizerKinds = Object.keys(optimizers);

/** Of a specification that states none. */
export const defaultOptimizer = 'adamw';
