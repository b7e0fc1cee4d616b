// Runs kernels: pipelines with explicit layouts, cached bind groups, parameters in one uniform buffer that
// is uploaded once per submit. In a steady training step a dispatch creates no object and uploads nothing.
import type { Block } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { SharedEncoder } from './tfjs.ts';
import { shareEncoder } from './tfjs.ts';
import { unroll } from './unroll.ts';

export interface Kernel {
	readonly label: string;
	readonly code: string;
	/** One letter per storage binding: `r` read, `w` read and write. The uniform parameters come after them. */
	readonly access: string;
	readonly groups: Map<string, GPUBindGroup>;
	layout?: GPUBindGroupLayout;
	pipeline?: GPUComputePipeline;
}

export interface Runtime {
	readonly open: OpenDevice;
	readonly encoder: SharedEncoder;
	/** Compiles ahead, in parallel, what would otherwise stall the first step. */
	compile(kernels: readonly Kernel[]): Promise<void>;
	/**
	 * Encodes `count` workgroups. More than 65535 are folded into two dimensions: the kernel takes
	 * `workgroup.x + workgroup.y * workgroups.x` as its number and must ignore numbers past the end.
	 * `integers` then `floats` fill the kernel's parameter struct in order. Throws where they are more than its 32 words,
	 * which would reach into the next dispatch's.
	 */
	dispatch(
		kernel: Kernel,
		blocks: readonly Block[],
		count: number,
		integers: readonly number[],
		floats?: readonly number[],
	): void;
	/** Marks a block as used by a copy encoded now. */
	touch(block: Block): void;
	/** True where work that uses the block is encoded but not yet submitted. */
	pending(block: Block): boolean;
	readonly flush: () => void;
	/** Drops every cached bind group: called after buffers were destroyed. */
	readonly forgetGroups: () => void;
	dispose(): void;
}

/** A kernel is its text and its bindings; nothing is compiled yet. */
export const defineKernel = (label: string, code: string, access: string): Kernel => ({
	label,
	code,
	access,
	groups: new Map(),
});

/** WGSL with some of its `const NAME = value;` replaced, so that one file serves several sizes. */
export const specialise = (code: string, constants: Record<string, string>): string => {
	let text = code;
	for (const [name, value] of Object.entries(constants)) {
		const declaration = new RegExp(`const ${name} = [^;]+;`);
		if (!declaration.test(text)) throw new Error(`WGSL has no constant ${name} to replace`);
		text = text.replace(declaration, `const ${name} = ${value};`);
	}
	return text;
};

/** Dispatches per submit: short enough for drivers that kill long submits, long enough to cost nothing. */
const dispatchesPerSubmit = 64;
const slotBytes = 256; // minUniformBufferOffsetAlignment is at most this on every device.
const paramBytes = 128;
const mostGroups = 65535;
const mostCachedGroups = 16384;

const layoutOf = (device: GPUDevice, access: string) => {
	const entries: GPUBindGroupLayoutEntry[] = Array.from(access, (letter, binding) => ({
		binding,
		visibility: GPUShaderStage.COMPUTE,
		buffer: { type: letter === 'w' ? 'storage' : 'read-only-storage' },
	}));
	entries.push({
		binding: access.length,
		visibility: GPUShaderStage.COMPUTE,
		buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: paramBytes },
	});
	return device.createBindGroupLayout({ entries });
};

const describePipeline = (device: GPUDevice, kernel: Kernel): GPUComputePipelineDescriptor => {
	kernel.layout ??= layoutOf(device, kernel.access);
	const { label, layout } = kernel;
	const code = unroll(kernel.code);
	return {
		label,
		layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
		compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
	};
};

const createParameters = (device: GPUDevice) => {
	const size = dispatchesPerSubmit * slotBytes;
	const buffer = device.createBuffer({
		size,
		usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
	});
	const mirror = new ArrayBuffer(size);
	const integers = new Uint32Array(mirror);
	const floats = new Float32Array(mirror);
	let used = 0;
	return {
		buffer,
		put: (label: string, whole: readonly number[], real: readonly number[]) => {
			const words = whole.length + real.length;
			if (words > paramBytes / 4)
				throw new Error(`${label}: ${words} parameters; a kernel takes ${paramBytes / 4} at most`);
			const start = used / 4;
			integers.set(whole, start);
			floats.set(real, start + whole.length);
			used += slotBytes;
			return used - slotBytes;
		},
		full: () => used === size,
		// A write to a queue happens between the submits around it, so slots can be reused after each.
		upload: () => {
			if (used > 0) device.queue.writeBuffer(buffer, 0, mirror, 0, used);
			used = 0;
		},
	};
};

/** Bind groups by the buffers they hold; `forget` drops them all. */
const createGroups = (device: GPUDevice, parameters: GPUBuffer) => {
	const filled = new Set<Kernel>();
	let cached = 0;
	const forget = () => {
		for (const kernel of filled) kernel.groups.clear();
		filled.clear();
		cached = 0;
	};
	const create = (kernel: Kernel, blocks: readonly Block[]) => {
		kernel.layout ??= layoutOf(device, kernel.access);
		const entries = blocks.map(({ buffer }, binding) => ({ binding, resource: { buffer } }));
		const uniform = { buffer: parameters, size: paramBytes };
		return device.createBindGroup({
			label: kernel.label,
			layout: kernel.layout,
			entries: [...entries, { binding: blocks.length, resource: uniform }],
		});
	};
	const find = (kernel: Kernel, blocks: readonly Block[]): GPUBindGroup => {
		let key = '';
		for (const { id } of blocks) key += `${id},`;
		const known = kernel.groups.get(key);
		if (known) return known;
		if (cached >= mostCachedGroups) forget();
		const group = create(kernel, blocks);
		kernel.groups.set(key, group);
		filled.add(kernel);
		cached += 1;
		return group;
	};
	return { find, forget };
};

export const createRuntime = (open: OpenDevice): Runtime => {
	const { device } = open;
	const parameters = createParameters(device);
	const groups = createGroups(device, parameters.buffer);
	let batch = 0;
	const encoder = shareEncoder(device, open.adapterInfo, () => {
		parameters.upload();
		batch += 1;
	});
	const flush = () => {
		encoder.submit();
	};
	const touch = (block: Block) => {
		block.lastUse = batch;
	};

	const dispatch: Runtime['dispatch'] = (kernel, blocks, count, integers, floats = []) => {
		if (count === 0) return;
		kernel.pipeline ??= device.createComputePipeline(describePipeline(device, kernel));
		const group = groups.find(kernel, blocks);
		blocks.forEach(touch);
		const offset = parameters.put(kernel.label, integers, floats);
		const pass = encoder.pass();
		pass.setPipeline(kernel.pipeline);
		pass.setBindGroup(0, group, [offset]);
		const across = Math.min(count, mostGroups);
		pass.dispatchWorkgroups(across, Math.ceil(count / across));
		if (parameters.full()) flush();
	};

	const compile = async (kernels: readonly Kernel[]) => {
		const prepare = async (kernel: Kernel) => {
			const description = describePipeline(device, kernel);
			kernel.pipeline ??= await device.createComputePipelineAsync(description);
		};
		await Promise.all(kernels.map(prepare));
	};

	return {
		open,
		encoder,
		compile,
		dispatch,
		touch,
		pending: (block) => block.lastUse === batch,
		flush,
		forgetGroups: groups.forget,
		dispose: () => {
			encoder.close();
			parameters.buffer.destroy();
		},
	};
};
