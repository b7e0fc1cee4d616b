/** Types of securityHeaders.mjs. */
export const documentPolicy: string;
export const referrerPolicy: string;
export const isolationHeaders: Readonly<Record<string, string>>;
export const securityHeaders: Readonly<Record<string, string>>;
