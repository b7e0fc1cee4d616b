/** Types of chromium.mjs. */
interface LaunchOptions {
	executablePath?: string;
	channel?: string;
	args: string[];
}
export function findChromium(): string | undefined;
export function deviceOptions(): LaunchOptions;
export const launchOptions: LaunchOptions;
