/** Chooses and starts a backend. Which one runs, and why, is always said. */
import { namedError } from '../contract/errors.ts';
import type { Precision } from '../contract/precision.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import type { Ops } from '../engine/ops.ts';
import { openChecked } from '../engine/selfCheck/selfCheck.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { createWebGpuOps } from '../engine/webgpu/ops.ts';
import { kernelChoices } from '../storage/kernelChoices.ts';
import { breathing } from './breathe.ts';

export interface Device {
	readonly ops: Ops;
	readonly report: DeviceReport;
}

/** More are a slip of the pen on any machine. */
const mostThreads = 1024;

function checkThreads(threads: number | undefined): void {
	if (threads === undefined) return;
	if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
		throw namedError(
			'BadInput',
			`Threads must be a number from 1 to ${mostThreads}, not ${threads}`,
		);
}

const hasWebGpu = () => typeof navigator !== 'undefined' && 'gpu' in navigator;

/**
 * `auto` takes WebGPU on a hardware adapter; without one, or on an emulated one, WASM, which is faster there.
 * `threads`: of WASM; default all.
 * @throws NoAdapter where WebGPU is forced and there is no adapter
 * @throws BadInput where `threads` is not a number of threads
 */
export async function startDevice(
	wanted: 'auto' | 'webgpu' | 'wasm',
	threads?: number,
): Promise<Device> {
	checkThreads(threads);
	const wasm = (reason: string) => startWasm(reason, threads);
	if (wanted === 'wasm') return wasm('WASM was chosen');
	if (!hasWebGpu()) {
		if (wanted === 'webgpu')
			throw namedError(
				'NoAdapter',
				'This browser has no WebGPU. Use a recent Chrome, Edge, Safari or Firefox, or compute on WebAssembly.',
			);
		return wasm('this browser has no WebGPU');
	}
	let ops: Ops;
	try {
		ops = await openWebGpu();
	} catch (error) {
		if (wanted === 'webgpu') throw error;
		const why = error instanceof Error ? error.message : String(error);
		return wasm(`WebGPU did not start (${why})`);
	}
	if (wanted === 'webgpu') return { ops, report: { ...ops.info, reason: 'WebGPU was chosen' } };
	if (ops.info.software) {
		const { adapter } = ops.info;
		ops.dispose();
		return wasm(`the only WebGPU adapter is emulated on the CPU (${adapter})`);
	}
	return { ops, report: { ...ops.info, reason: 'a hardware WebGPU adapter was found' } };
}

/** With the kernels that are fastest on the adapter, but for those that are wrong there. */
function openWebGpu(): Promise<Ops> {
	const cache = kernelChoices();
	return openChecked(
		(remedies) =>
			createWebGpuOps({
				cache,
				subgroups: !remedies.has('no subgroups'),
				fused: !remedies.has('apart'),
				...(remedies.has('registers') && { variant: 'regs' as const }),
			}),
		cache,
	);
}

async function startWasm(reason: string, threads?: number): Promise<Device> {
	const ops = breathing(await createWasmOps(threads === undefined ? {} : { threads }));
	return { ops, report: { ...ops.info, reason } };
}

/** What of a device a plan depends on. */
export interface PlanDevice {
	readonly backend: DeviceReport['backend'];
	/** Bytes it can hold; null where nobody knows: no browser tells what a graphics card has. */
	readonly memory: number | null;
}

/** Of the heap's 4 GiB some is code, stacks and what lies between blocks. */
const wasmMemory = 3.75 * 2 ** 30;

/** `stated`: bytes the user allows, null where nothing was said. */
export function planDevice({ info: { backend } }: Ops, stated: number | null): PlanDevice {
	const own = backend === 'wasm' ? wasmMemory : null;
	const memory = own === null || stated === null ? (own ?? stated) : Math.min(own, stated);
	return { backend, memory };
}

/** Bytes up to which activations are kept rather than recomputed. */
export function keepBudget({ backend, memory }: PlanDevice): number {
	const usual = backend === 'wasm' ? 2 * 2 ** 30 : (memory ?? 4 * 2 ** 30);
	return Math.min(usual, memory ?? Infinity);
}

/** Throws `BadInput` where the backend cannot keep weights as asked. */
export function checkPrecision(
	{ backend }: Pick<PlanDevice, 'backend'>,
	precision: Precision,
): void {
	const asked = Object.values(precision).find((kind) => kind !== 'f32');
	if (backend !== 'wasm' || asked === undefined) return;
	throw namedError(
		'BadInput',
		`WASM keeps weights in f32 only, and ${asked} was asked for; choose WebGPU, or f32`,
	);
}
