/** The architecture of a decoder, as read from a Hugging Face `config.json` in either spelling. */

export type ModelFamily = 'llama' | 'mistral' | 'qwen2' | 'qwen3';

/** Llama 3.1 frequency scaling (transformers: rope type `llama3`). */
export interface RopeScaling {
	readonly factor: number;
	readonly lowFrequencyFactor: number;
	readonly highFrequencyFactor: number;
	readonly originalContextLength: number;
}

export interface ModelConfig {
	readonly family: ModelFamily;
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
	/** RMSNorm over head_dim on q and k before the rotation (Qwen3). */
	readonly queryKeyNorm: boolean;
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
