/** What is written is read again, whatever its names, shapes and numbers are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import { encodeSafetensors, type NamedTensor } from './encode.ts';
import { openTensors } from './safetensors.ts';
import { encodeTar } from './tar.ts';

const bytesOf = async (parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> =>
	new Uint8Array(await new Blob([...parts]).arrayBuffer());

const source = (bytes: Uint8Array): ByteSource => ({
	name: 'model.safetensors',
	size: bytes.length,
	read: (begin, end) => Promise.resolve(bytes.slice(begin, end)),
});

/** Names that objects have something of are names like others. */
const name = fc.oneof(
	fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a.weight'),
	fc.string({ unit: 'grapheme', maxLength: 12 }),
);

const tensor = fc
	.record({ name, shape: fc.array(fc.nat(5), { maxLength: 3 }) })
	.filter((one) => one.name !== '__metadata__')
	.chain(({ name, shape }) => {
		const size = shape.reduce((a, b) => a * b, 1);
		const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
		return fc
			.array(numbers, { minLength: size, maxLength: size })
			.map((values): NamedTensor => ({ name, shape, data: Float32Array.from(values) }));
	});

const tensors = fc.uniqueArray(tensor, { selector: (one) => one.name, maxLength: 6 });

test('safetensors in float32, bit for bit', async () => {
	await fc.assert(
		fc.asyncProperty(tensors, async (written) => {
			const index = await openTensors([
				source(await bytesOf(encodeSafetensors(written, { format: 'pt' }))),
			]);
			expect([...index.names].sort()).toEqual(written.map((one) => one.name).sort());
			for (const { name, shape, data } of written) {
				expect(index.shape(name)).toEqual(shape);
				const read = new Uint32Array((await index.read(name)).buffer);
				expect([...read]).toEqual([...new Uint32Array(data.buffer)]);
			}
		}),
	);
});

test('safetensors in bfloat16, what is written twice stays what it is', async () => {
	const rounded = async (given: readonly NamedTensor[]): Promise<NamedTensor[]> => {
		const file = source(await bytesOf(encodeSafetensors(given, {}, 'BF16')));
		const index = await openTensors([file]);
		const read = given.map(async ({ name, shape }) => ({
			...{ name, shape },
			data: await index.read(name),
		}));
		return Promise.all(read);
	};
	/** The largest bfloat16 and what is rounded to it; larger ones become infinite. */
	const isSmall = ({ data }: NamedTensor) => data.every((value) => Math.abs(value) < 3.3895e38);
	await fc.assert(
		fc.asyncProperty(tensors, async (given) => {
			const once = await rounded(given.filter(isSmall));
			expect(await rounded(once)).toEqual(once);
		}),
	);
});

const path = fc.stringMatching(/^[a-z0-9_.]{1,40}$/);
const file = fc.record({ name: path, bytes: fc.uint8Array({ maxLength: 1100 }) });

test('tar, entry after entry in blocks of 512', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(file, { maxLength: 4 }), async (files) => {
			const parts = files.map(({ name, bytes }) => ({ name, parts: [new Uint8Array(bytes)] }));
			const archive = await bytesOf(encodeTar('folder', parts));
			let at = 0;
			for (const { name, bytes } of files) {
				const header = new TextDecoder().decode(archive.subarray(at, at + 512));
				expect(header.slice(0, header.indexOf('\0'))).toBe(`folder/${name}`);
				const size = parseInt(header.slice(124, 135), 8);
				expect([...archive.subarray(at + 512, at + 512 + size)]).toEqual([...bytes]);
				at += 512 + 512 * Math.ceil(size / 512);
			}
			expect(archive.length).toBe(at + 1024);
		}),
	);
});
