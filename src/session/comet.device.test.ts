/** The estimator as the training thread offers it: texts in, scores out, on reference numbers and a made tokenizer. */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { CometReferenceSchema, type CometItem } from '../contract/comet.ts';
import type { ByteSource } from '../contract/model.ts';
import { createReferenceOps } from '../engine/reference/ops.ts';
import { countingOps } from '../engine/testing.ts';
import { type LoadedComet, openComet } from './comet.ts';
import { cometTokenizer, cometWord, folderSources, golden, readJsonFile } from './testing.ts';

const folder = `${golden}/comet`;

const jsonSource = (name: string, content: unknown): ByteSource => {
	const bytes = new TextEncoder().encode(JSON.stringify(content));
	return { name, size: bytes.length, read: (a, b) => Promise.resolve(bytes.slice(a, b)) };
};

describe.skipIf(!existsSync(folder))('COMET of texts', () => {
	const reference = () => v.parse(CometReferenceSchema, readJsonFile(`${folder}/golden.json`));
	const textOf = (ids: readonly number[]) =>
		ids
			.filter((id) => id > 2)
			.map(cometWord)
			.join(' ');
	const items = (): CometItem[] => {
		const { src, mt, ref } = reference();
		return mt.map((ids, i) => ({
			source: textOf(src[i]!),
			translation: textOf(ids),
			reference: textOf(ref[i]!),
		}));
	};
	const { ops, calls } = countingOps(createReferenceOps());
	const open = (more: readonly ByteSource[]) => {
		const files = folderSources(folder).filter(({ name }) => !name.endsWith('.ckpt'));
		return openComet(
			ops,
			[...files, ...more],
			() => undefined,
			() => undefined,
		);
	};
	const ignore = () => undefined;
	let loaded: LoadedComet;
	beforeAll(async () => {
		loaded = await open([jsonSource('tokenizer.json', cometTokenizer)]);
	});

	test('are those of PyTorch', async () => {
		const told: number[][] = [];
		const scores = await loaded.score(items(), (...progress) => told.push(progress));
		const wanted = reference().scores;
		expect(scores).toHaveLength(wanted.length);
		for (const [i, score] of scores.entries())
			expect(Math.abs(score - wanted[i]!)).toBeLessThan(1e-5);
		expect(told.at(-1)).toEqual([4, 4]);
		expect(loaded.summary).toMatchObject({ weights: 'model.safetensors', encoder: { layers: 4 } });
	});

	test('embed sources and references once, whatever is said about them', async () => {
		const fresh = await open([jsonSource('tokenizer.json', cometTokenizer)]);
		const texts: number[] = [];
		const attended = () => calls.get('attention') ?? 0;
		await fresh.score(items(), ignore);
		const before = attended();
		const same = items().map((item) => ({ ...item, translation: item.reference }));
		await fresh.score(same, (done) => texts.push(done));
		expect(attended(), 'everything is known').toBe(before);
		await fresh.score([{ ...items()[0]!, translation: cometWord(7) }], ignore);
		expect(attended(), 'one batch of 3 layers').toBe(before + 3);
		fresh.comet.release();
	});

	test('long texts are cut as COMET cuts them, their last token kept', async () => {
		const long = Array.from({ length: 60 }, (_, i) => cometWord(3 + (i % 50)));
		const item = items()[0]!;
		// 40 positions: 36 tokens with <s> and </s>.
		const cut = { ...item, translation: long.slice(0, 34).join(' ') };
		const [whole, first] = await loaded.score(
			[{ ...item, translation: long.join(' ') }, cut],
			ignore,
		);
		expect(whole).toBe(first);
	});

	test('an empty translation has a score', async () => {
		const [score] = await loaded.score([{ ...items()[0]!, translation: '' }], ignore);
		expect(Number.isFinite(score)).toBe(true);
	});

	test('stops where the progress throws, and leaves nothing on the device', async () => {
		const before = ops.memory().tensors;
		const stop = () => {
			throw new Error('stop');
		};
		const fresh = items().map((item) => ({ ...item, translation: `${item.translation} x` }));
		await expect(loaded.score(fresh, stop)).rejects.toThrow('stop');
		expect(ops.memory().tensors).toBe(before);
	});

	test('loading that is given up leaves nothing on the device', async () => {
		const before = ops.memory().tensors;
		let left = 9;
		const give = () => {
			if (left-- === 0) throw new Error('given up');
		};
		await expect(openComet(ops, folderSources(folder), ignore, give)).rejects.toThrow('given up');
		expect(ops.memory().tensors).toBe(before);
	});

	test('a folder without tokenizer says what is missing and where it is', async () => {
		const bare = await open([]);
		await expect(bare.score(items(), ignore)).rejects.toThrow(
			/no tokenizer\.json.*xlm-roberta-large/,
		);
		bare.comet.release();
	});

	test.each([
		['config.json', /config\.json: not among.*Unbabel\/wmt22-comet-da.*xlm-roberta-large/],
		['model.safetensors', /model\.ckpt: neither it nor safetensors.*Unbabel\/wmt22-comet-da/],
	])('a folder without %s says so', async (absent, message) => {
		const files = folderSources(folder).filter(
			({ name }) => name !== absent && !name.endsWith('.ckpt'),
		);
		await expect(openComet(ops, files, ignore, ignore)).rejects.toThrow(message);
	});
});
