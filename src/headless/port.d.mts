/** Types of port.mjs. */
export const defaultPort: number;
export function readPort(args: readonly string[]): number;
