// The two ways a kernel with real arithmetic is written.

/**
 * `tiled`: tiles in workgroup memory with barriers, for GPUs. `regs`: registers only, no barriers, for adapters
 * emulated on a CPU, where a barrier costs more than it saves.
 */
export type Variant = 'tiled' | 'regs';
