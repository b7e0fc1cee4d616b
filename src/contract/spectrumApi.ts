/**
 * The interface of the threads that work out spectra: implemented in `src/session`, exposed by `workers/*.worker.ts`, called by `src/clients`.
 * Callbacks cross as comlink proxies; events are batched. Errors keep `name` and `message` only.
 */

/** Works out spectra for heavy-tail scores; holds nothing between calls. */
export interface SpectrumApi {
	/** Eigenvalues, ascending, of a symmetric matrix [size, size] of finite numbers. */
	eigenvalues(matrix: Float32Array, size: number): Promise<Float64Array>;
}
