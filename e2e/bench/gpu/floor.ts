/** What the adapter can do at best: multiply-adds and memory traffic of two kernels that do nothing else. */

export interface Floor {
	/** f32 operations a second, in 1e9; a multiply-add counts as two. */
	readonly gigaflops: number;
	/** Bytes read and written a second, in 1e9. */
	readonly gigabytes: number;
}

const threads = 64;

/** Sixteen independent chains in each thread: enough to hide the latency of one. */
const arithmetic = (turns: number) => `
@group(0) @binding(0) var<storage, read_write> values: array<vec4<f32>>;
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	let start = values[id.x];
	var a = start; var b = start + 1.0; var c = start + 2.0; var d = start + 3.0;
	for (var i = 0u; i < ${turns}u; i++) {
		a = fma(a, start, b); b = fma(b, start, c); c = fma(c, start, d); d = fma(d, start, a);
	}
	values[id.x] = a + b + c + d;
}`;

const traffic = `
@group(0) @binding(0) var<storage, read_write> values: array<vec4<f32>>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
	@builtin(local_invocation_index) local: u32) {
	let i = (group.y * groups.x + group.x) * ${threads}u + local;
	values[i] = values[i] + 1.0;
}`;

interface Probe {
	readonly code: string;
	readonly groups: readonly [number, number];
	readonly bytes: number;
}

/** The best of five runs in seconds, after one that compiles. */
async function bestSeconds(device: GPUDevice, { code, groups, bytes }: Probe): Promise<number> {
	const buffer = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE });
	const module = device.createShaderModule({ code });
	const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
	const group = device.createBindGroup({
		layout: pipeline.getBindGroupLayout(0),
		entries: [{ binding: 0, resource: { buffer } }],
	});
	let best = Infinity;
	for (let run = 0; run < 6; run++) {
		const started = performance.now();
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, group);
		pass.dispatchWorkgroups(...groups);
		pass.end();
		device.queue.submit([encoder.finish()]);
		await device.queue.onSubmittedWorkDone();
		if (run > 0) best = Math.min(best, performance.now() - started);
	}
	buffer.destroy();
	return best / 1e3;
}

/** @param software an adapter on the CPU gets a thousandth of the arithmetic and a quarter of the memory */
export async function measureFloor(device: GPUDevice, software: boolean): Promise<Floor> {
	const turns = software ? 64 : 4096;
	const groups = software ? 256 : 16384;
	const bytes = software ? 2 ** 26 : 2 ** 28;
	const work = groups * threads * turns * 4 * 4 * 2;
	const computing = await bestSeconds(device, {
		code: arithmetic(turns),
		groups: [groups, 1],
		bytes: groups * threads * 16,
	});
	const moving = await bestSeconds(device, {
		code: traffic,
		groups: [256, bytes / 16 / threads / 256],
		bytes,
	});
	return { gigaflops: work / computing / 1e9, gigabytes: (2 * bytes) / moving / 1e9 };
}
