/** Tells every store thread of this origin that a run was changed elsewhere, so that its copy follows. */

const channelName = 'cogsym-lab changes';

/** Says that a run was changed. Nobody need listen. */
export function announceRun(id: string): void {
	const channel = new BroadcastChannel(channelName);
	channel.postMessage(id);
	channel.close();
}

/** Hears of every changed run, in whatever tab or thread, for as long as the thread lives. */
export function onChangedRuns(changed: (id: string) => void): void {
	new BroadcastChannel(channelName).addEventListener('message', ({ data }) => {
		if (typeof data === 'string') changed(data);
	});
}
