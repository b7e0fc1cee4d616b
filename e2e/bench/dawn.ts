/** A GPU for a bench in Node, through Dawn: on Mesa's driver where it is there, which runs kernels faster than the tests'. */
import { lavapipe } from '../../src/engine/kernels/vulkanDrivers.ts';

/** Call it before anything that imports tfjs, which looks for navigator.gpu once. */
export async function installDawn(): Promise<void> {
	const driver = lavapipe();
	if (driver !== undefined) process.env.VK_ICD_FILENAMES ??= driver;
	await import('../../src/engine/kernels/dawn.setup.ts');
}
