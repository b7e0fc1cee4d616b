/** Why the database did not open, told by who can do something about it. Browsers differ in what they throw for it. */
import { isNamed, namedError } from '../contract/errors.ts';

/** Milliseconds an older tab has to let go of the database before it is called the reason. */
const patience = 5000;

const blocked = (why: string) =>
	namedError(
		'StorageBlocked',
		`This browser keeps nothing for this page (${why}): site data may be blocked in its settings, the window may be ` +
			'private, or the page is shown within another site. Allow site data for this address, or open the lab in a ' +
			'window of its own.',
	);

const asError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)));

/** The reason in words; what no browser has thrown passes. */
export function openError(error: unknown): Error {
	// A slip in the lab's own code is none of the browser's reasons.
	if (isNamed(error) || !(error instanceof DOMException)) return asError(error);
	const { name, message } = error;
	// Chromium says UnknownError in a worker for what it calls a SecurityError in a page; Firefox says InvalidStateError in private windows.
	const denied = /denied|not allow/i.test(message);
	if (name === 'SecurityError' || (/^(Unknown|InvalidState)Error$/.test(name) && denied))
		return blocked('it denies access to IndexedDB');
	if (name === 'VersionError')
		return namedError(
			'StorageOutdated',
			'What this browser stores was written by a newer version of the lab than this page, perhaps in another tab. ' +
				'Reload the page; if it says so again, update the lab. Nothing stored was touched.',
		);
	if (name === 'QuotaExceededError')
		return namedError(
			'QuotaExceeded',
			'There is no room to open what the lab has stored. Free disk space, then reload.',
		);
	return namedError(
		'StorageFailed',
		`The browser could not open what the lab has stored (${message.replace(/\.$/, '') || name}). Close other windows of this browser and ` +
			'start it again; if it says so again, the disk may be full or the browser’s profile damaged.',
	);
}

/**
 * Runs `open`, whose `blocked` is to be called where older tabs hold the database. Rejects with `StorageBlocked`,
 * `StorageHeld`, `StorageOutdated`, `StorageFailed` or `QuotaExceeded`.
 */
export async function explainOpening<T extends { close(): void }>(
	open: (blocked: () => void) => Promise<T>,
): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let givenUp = false;
	try {
		// Undefined or null where the browser has none; to look at it is forbidden to some pages.
		if (!(globalThis as { indexedDB?: unknown }).indexedDB) throw blocked('it offers no IndexedDB');
		return await new Promise<T>((resolve, reject) => {
			const held = () => {
				timer = setTimeout(() => {
					givenUp = true;
					reject(
						namedError(
							'StorageHeld',
							'Another tab of this browser has an older version of the lab open and holds what is stored, which this ' +
								'version must convert. Close the other tabs of the lab, then reload this one. Nothing stored was touched.',
						),
					);
				}, patience);
			};
			open(held).then(
				(db) => {
					// It opened after all, and nobody waits for it any more.
					if (givenUp) db.close();
					else resolve(db);
				},
				(error: unknown) => {
					reject(openError(error));
				},
			);
		});
	} catch (error) {
		throw openError(error);
	} finally {
		clearTimeout(timer);
	}
}
