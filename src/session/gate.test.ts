import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

/** Resolves to 'waiting' where the gate does not open by itself. */
const outcome = (pass: Promise<string>) =>
	Promise.race([pass, new Promise<string>((resolve) => setTimeout(resolve, 5, 'waiting'))]);

test('runs, pauses, steps once, resumes, stops', async () => {
	const gate = createGate();
	gate.begin();
	expect(await gate.pass()).toBe('go');
	gate.pause();
	expect(gate.paused()).toBe(true);
	const blocked = gate.pass();
	expect(await outcome(blocked)).toBe('waiting');
	gate.step();
	expect(await blocked).toBe('go');
	const again = gate.pass();
	expect(await outcome(again)).toBe('waiting');
	gate.resume();
	expect(await again).toBe('resumed');
	expect(await gate.pass()).toBe('go');
	gate.stop();
	expect(await gate.pass()).toBe('stop');
});

test('a stop ends a pause', async () => {
	const gate = createGate();
	gate.begin();
	gate.pause();
	const blocked = gate.pass();
	gate.stop();
	expect(await blocked).toBe('stop');
});

test('what is asked while a run is prepared counts from its beginning', async () => {
	const gate = createGate();
	gate.prepare();
	gate.pause();
	gate.begin();
	expect(gate.paused()).toBe(true);
	gate.end();
	gate.prepare();
	gate.stop();
	expect(gate.stopping()).toBe(true);
	gate.begin();
	expect(await gate.pass()).toBe('stop');
	gate.end();
	gate.prepare();
	gate.pause();
	gate.step();
	gate.begin();
	expect(await gate.pass()).toBe('go');
	expect(gate.paused()).toBe(true);
});

test('nothing lingers from one run to the next', async () => {
	const gate = createGate();
	gate.stop();
	gate.begin();
	gate.pause();
	gate.end();
	gate.begin();
	expect(await gate.pass()).toBe('go');
});
