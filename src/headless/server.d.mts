/** Types of server.mjs. */
export interface LocalServer {
	readonly url: string;
	readonly port: number;
	share(paths: readonly string[]): { name: string; url: string; size: number }[];
	close(): void;
}
export function startServer(options?: { port?: number; root?: string }): Promise<LocalServer>;
