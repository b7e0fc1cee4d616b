/** A disk of memory that is soon full. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const megabytes = 160;

export interface SmallDisk {
	readonly folder: string;
	/** Takes the disk but for `left` bytes, as another program would; again: what was given back, too. */
	takeRoom(left: number): void;
	freeRoom(): void;
	unmount(): void;
}

/** Null where this user may not mount a disk. */
export function mountDisk(): SmallDisk | null {
	const folder = mkdtempSync(join(tmpdir(), 'lab-disk-'));
	const ballast = join(folder, 'ballast');
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
			stdio: 'ignore',
		});
	} catch {
		rmSync(folder, { recursive: true });
		return null;
	}
	return {
		folder,
		takeRoom(left) {
			const { bavail, bsize } = statfsSync(folder);
			try {
				appendFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left), 1));
			} catch (error) {
				// The browser has taken some meanwhile: the disk is fuller than full.
				if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
			}
		},
		freeRoom() {
			rmSync(ballast, { force: true });
		},
		unmount() {
			execFileSync('umount', [folder]);
			rmSync(folder, { recursive: true });
		},
	};
}
