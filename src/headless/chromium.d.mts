/** Types of chromium.mjs. */
export function findChromium(): string | undefined;
export const launchOptions: { executablePath?: string; channel?: string; args: string[] };
