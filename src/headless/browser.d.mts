/** Types of browser.mjs. */
import type { Page } from 'playwright';

export interface OpenLab {
	readonly page: Page;
	share(paths: readonly string[]): { name: string; url: string; size: number }[];
	call(name: string, argument?: unknown): Promise<unknown>;
	close(): Promise<void>;
}
export function openLab(options: {
	profile?: string;
	onEvent: (event: object) => void;
}): Promise<OpenLab>;
