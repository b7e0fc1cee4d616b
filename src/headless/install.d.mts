/** Types of install.mjs. */
export const projectRoot: string;
export function ensureBuild(): Promise<void>;
