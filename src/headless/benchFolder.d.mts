/** Types of benchFolder.mjs. */
interface PackedFile {
	readonly name: string;
	readonly bytes: number;
}
export function requirePackable(machine: {
	platform: string;
	arch: string;
	sharedNode: boolean;
}): void;
export function fillBenchFolder(folder: string): Promise<void>;
export function linkBinaries(folder: string): Promise<void>;
export function requireSize(files: readonly PackedFile[], most?: number): number;
export function pack(
	folder: string,
	programs?: Readonly<Record<string, string>>,
	most?: number,
): Promise<{ files: PackedFile[]; total: number }>;
