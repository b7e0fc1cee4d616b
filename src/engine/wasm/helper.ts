/** A helper thread: instantiates the kernels on the shared heap and takes items until it is stopped. */
import { instantiateKernels } from './kernelModule.ts';
import type { HelperStart } from './threads.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = async (event: MessageEvent<HelperStart>) => {
	const { module, memory, controlBlock, thread } = event.data;
	const kernels = await instantiateKernels(module, memory);
	kernels.setup(controlBlock, thread);
	scope.postMessage('ready');
	try {
		// Blocks this worker until `stop`.
		kernels.serve();
	} catch (error) {
		kernels.fail();
		throw error;
	}
	scope.close();
};
