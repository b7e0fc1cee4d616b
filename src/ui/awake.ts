/** Keeps the screen awake while attached: a sleeping laptop would stop the training. */

/** Attachment. Where the browser has no wake lock, or refuses, nothing happens. */
export function awake(): () => void {
	let released = false;
	let held: WakeLockSentinel | null = null;
	const ask = async (): Promise<void> => {
		if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
		try {
			held = await navigator.wakeLock.request('screen');
			if (released) await held.release();
		} catch {
			// On low battery the browser refuses; training goes on as long as the machine does.
		}
	};
	// The browser takes the lock back whenever the tab is hidden.
	const again = (): void => void ask();
	document.addEventListener('visibilitychange', again);
	void ask();
	return () => {
		released = true;
		document.removeEventListener('visibilitychange', again);
		void held?.release();
	};
}
