// Errors of the WebGPU backend that callers tell apart by `name`.

export type EngineErrorName =
	'BadInput' | 'DeviceLost' | 'NoAdapter' | 'OutOfMemory' | 'DeviceError';

/** An `Error` with the given `name`. The message says what happened and what to do. */
export const engineError = (name: EngineErrorName, message: string): Error => {
	const error = new Error(message);
	error.name = name;
	return error;
};
