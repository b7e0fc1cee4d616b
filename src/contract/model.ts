/** The architecture of a decoder, as read from a Hugging Face `config.json` in either spelling. */

/** Llama 3.1 frequency scaling (transformers: rope type `llama3`). */
export interface RopeScaling {
	readonly factor: number;
	readonly lowFrequencyFactor: number;
	readonly highFrequencyFactor: number;
	readonly originalContextLength: number;
}

/** Rotary position embedding of a layer. */
export interface Rotation {
	readonly theta: number;
	readonly scaling: RopeScaling | null;
}

/** What a block is made of. */
export interface BlockRecipe {
	/** Names, within the layer, of the norms at the begin and end of both branches; null: none is there. */
	readonly norms: {
		readonly beforeAttention: string | null;
		readonly afterAttention: string | null;
		readonly beforeMlp: string | null;
		readonly afterMlp: string | null;
	};
	/** What every norm multiplies by: its weight, or 1 + its weight. */
	readonly gain: 'weight' | 'one plus weight';
	/** RMSNorm of q and k before the rotation: of each head by itself, or of the whole row; null: none. */
	readonly queryKeyNorm: 'head' | 'row' | null;
	/** `xielu` has no gate. */
	readonly mlp: 'swiglu' | 'geglu' | 'xielu';
	/** Factors of looked-up embeddings, of attention scores (null: headDim^-0.5), of what a branch adds, and of logits. */
	readonly scales: {
		readonly embedding: number;
		readonly attention: number | null;
		readonly residual: number;
		readonly logits: number;
	};
}

export interface ModelConfig {
	/** `model_type`: one of engine/model/families. */
	readonly family: string;
	/** What the page calls it; absent in records of older versions. */
	readonly familyLabel?: string;
	readonly hiddenSize: number;
	readonly intermediateSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headDim: number;
	readonly vocabularySize: number;
	readonly contextLength: number;
	readonly rmsNormEpsilon: number;
	readonly ropeTheta: number;
	readonly ropeScaling: RopeScaling | null;
	/** Sliding window of each layer, null = full attention. Length = layers. */
	readonly windows: readonly (number | null)[];
	readonly queryKeyValueBias: boolean;
	readonly outputBias: boolean;
	/** RMSNorm on q and k before the rotation. */
	readonly queryKeyNorm: boolean;
	/** Absent: pre-norms and a SiLU gate, nothing scaled. */
	readonly recipe?: BlockRecipe;
	/** Of each layer, null where it does not rotate; absent: `ropeTheta` and `ropeScaling` everywhere. */
	readonly rotations?: readonly (Rotation | null)[];
	/** Whether the head is the embedding. */
	readonly tiedEmbeddings: boolean;
	readonly bosTokenId: number | null;
	/** A text ends at any of them. */
	readonly eosTokenIds: readonly number[];
}

/** Name and shape of every parameter the files must hold, in file order of a Hugging Face checkpoint. */
export interface ParameterShape {
	readonly name: string;
	readonly shape: readonly number[];
	/** Decoder layer the parameter belongs to; null for embedding, final norm and head. */
	readonly layer: number | null;
}

/** Random access to a named file: on disk, stored in chunks, or behind HTTP ranges. */
export interface ByteSource {
	/** Path inside the model folder, e.g. `model-00001-of-00002.safetensors`. */
	readonly name: string;
	readonly size: number;
	/** Bytes begin (inclusive) to end (exclusive). Rejects where the range leaves the file. */
	read(begin: number, end: number): Promise<Uint8Array>;
}

/** Where a model comes from. */
export type ModelSource =
	| { readonly kind: 'stored'; readonly id: string }
	| { readonly kind: 'files'; readonly files: readonly File[] }
	| {
			readonly kind: 'urls';
			readonly files: readonly { name: string; url: string; size: number }[];
	  };

export interface ModelSummary {
	readonly name: string;
	readonly config: ModelConfig;
	/** Plain sentences on where the model's files disagree, which of them counts, and what is not used. */
	readonly notes: readonly string[];
	readonly parameters: number;
	readonly bytes: number;
}
