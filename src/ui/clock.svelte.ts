/** The time of day for words such as "ago"; it stands still while nobody looks. */
import { createSubscriber } from 'svelte/reactivity';

/** Milliseconds between two looks at it. */
const every = 5000;

const follow = createSubscriber((update) => {
	const timer = setInterval(update, every);
	return () => {
		clearInterval(timer);
	};
});

export const clock = {
	/** In milliseconds. */
	get now(): number {
		follow();
		return Date.now();
	},
};
