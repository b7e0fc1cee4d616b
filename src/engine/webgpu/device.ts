// The GPU device of the engine: every limit the adapter has, every feature we can use, and one place
// where losing the device or breaking a rule of WebGPU is remembered.
import type { DeviceInfo } from '../ops.ts';
import { namedError } from '../../contract/errors.ts';

const wantedFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

const wantedLimits = [
	'maxBufferSize',
	'maxStorageBuffersPerShaderStage',
	'maxComputeWorkgroupStorageSize',
	'maxComputeInvocationsPerWorkgroup',
	'maxComputeWorkgroupSizeX',
	'maxComputeWorkgroupSizeY',
	'maxComputeWorkgroupsPerDimension',
] as const;

/** Every WebGPU device binds as much. */
const leastBinding = 128 * 2 ** 20;

export interface OpenDevice {
	readonly device: GPUDevice;
	readonly adapterInfo: GPUAdapterInfo;
	readonly info: DeviceInfo;
	/** Remembers the first fatal error. Later ones are usually its consequences and are dropped. */
	fail(error: Error): void;
	/** Throws the first fatal error: lost device, memory ran out, a rule of WebGPU was broken. */
	check(): void;
	destroy(): void;
}

const describe = (info: GPUAdapterInfo): DeviceInfo => {
	const words = [info.vendor, info.architecture].filter((word) => word !== '');
	const all = `${words.join(' ')} ${info.device} ${info.description}`;
	return {
		backend: 'webgpu',
		adapter: words.join(' ') || info.description || 'unknown adapter',
		software: info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(all),
	};
};

/** What the device is to do without although the adapter has it; for tests. */
export interface Restrictions {
	/** Bytes above which a matrix is split. */
	readonly largestBinding?: number;
	/** Whether rows may be added up by subgroups. */
	readonly subgroups?: boolean;
}

/**
 * Opens the adapter the browser prefers for speed.
 * @throws `NoAdapter` where the browser offers none.
 */
export const openDevice = async (
	gpu: GPU | undefined,
	{ largestBinding = Infinity, subgroups = true }: Restrictions = {},
): Promise<OpenDevice> => {
	// An adapter serves one device only, so each opening asks for its own.
	const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) {
		throw namedError(
			'NoAdapter',
			'The browser found no graphics adapter for WebGPU: there is none, its driver is not supported, or hardware ' +
				'acceleration is off. Switch it on in the browser’s settings, or compute on WebAssembly.',
		);
	}
	const device = await adapter.requestDevice({
		requiredFeatures: wantedFeatures.filter(
			(feature) => adapter.features.has(feature) && (subgroups || feature !== 'subgroups'),
		),
		requiredLimits: {
			...Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]])),
			maxStorageBufferBindingSize: Math.max(
				leastBinding,
				Math.min(adapter.limits.maxStorageBufferBindingSize, largestBinding),
			),
		},
	});
	let first: Error | undefined;
	let closed = false;
	const fail = (error: Error) => {
		first ??= error;
	};
	// One broken kernel voids its whole command buffer, so no later result can be trusted: fatal.
	device.onuncapturederror = ({ error }) => {
		const memory = error instanceof GPUOutOfMemoryError;
		const what = memory
			? 'The graphics device has no memory left'
			: 'The graphics device refused work, by a defect of the lab or of its driver';
		fail(namedError(memory ? 'OutOfMemory' : 'DeviceError', `${what} (WebGPU: ${error.message}).`));
	};
	void device.lost.then(({ reason, message }) => {
		const why = message === '' ? reason : message.replace(/\.$/, '');
		if (!closed)
			fail(
				namedError(
					'DeviceLost',
					`The graphics device was lost: the driver, the browser or the machine took it away (WebGPU: ${why}).`,
				),
			);
	});
	return {
		device,
		adapterInfo: adapter.info,
		info: describe(adapter.info),
		fail,
		check: () => {
			if (first) throw first;
		},
		destroy: () => {
			closed = true;
			device.destroy();
		},
	};
};
