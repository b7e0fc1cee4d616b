/**
 * The operations an encoder of the BERT family needs beside those of a decoder. Forward only: the lab never trains an
 * encoder, it scores translations with one.
 */
import type { Tensor } from './ops.ts';

export interface EncoderOps {
	/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last `weight.size` elements, variance over n. */
	layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor;
	/** x * Phi(x) with the normal distribution function itself (erf), not its tanh approximation. */
	gelu(x: Tensor): Tensor;
}
