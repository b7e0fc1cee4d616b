/** What the browser keeps: models, datasets, runs, results. Records as the store hands them out. */
import type { LeftOut } from './leftOut.ts';
import type { Measurement, MetricRow } from './evaluation.ts';
import type { ModelConfig } from './model.ts';
import type { RunSpec } from './spec.ts';
import type { Receipt, StepEvent } from './training.ts';

export interface ModelRecord {
	readonly id: string;
	readonly name: string;
	readonly config: ModelConfig;
	readonly parameters: number;
	readonly bytes: number;
	readonly addedAt: number;
}

/** How the columns of a file become instruction, input, output. */
export interface ColumnMapping {
	/** null: rows are plain text, which is the output; then there is no input either. */
	readonly instruction: string | null;
	/** null: rows have no input. */
	readonly input: string | null;
	readonly output: string;
}

export interface DatasetRecord {
	readonly id: string;
	readonly name: string;
	readonly rows: number;
	readonly bytes: number;
	readonly mapping: ColumnMapping;
	/** Whether rows are chats. (Absent: no. Records from before there were any do not have it.) */
	readonly chats?: boolean;
	/** Rows of the file that were not imported; absent: none. */
	readonly leftOut?: LeftOut;
	readonly addedAt: number;
}

/** One instruction row; of plain text only the output is not empty, of a chat none of the three. */
export interface InstructionRow {
	readonly instruction: string;
	readonly input: string;
	readonly output: string;
	readonly chat?: Chat;
}

/** Turns as the chat template of a model takes them (transformers: `apply_chat_template`). */
export interface Chat {
	readonly messages: readonly ChatMessage[];
	/** What the assistant may call, as JSON schemas. */
	readonly tools?: readonly unknown[];
}

export interface ChatMessage {
	readonly role: string;
	/** Absent: only calls of tools. */
	readonly content?: string;
	/** What else a template may ask for: `tool_calls`, `name`, `reasoning_content`. */
	readonly [key: string]: unknown;
}

export type RunStatus = 'running' | 'paused' | 'stopped' | 'finished' | 'failed';

/** Where and with what a run was made. */
export interface RunEnvironment {
	readonly backend: 'webgpu' | 'wasm' | 'reference';
	readonly adapter: string;
	readonly software: boolean;
	readonly userAgent: string;
	readonly version: string;
	/** Kernels that were replaced by their plain variants, as the self-check found them wrong. Absent: none. */
	readonly replaced?: readonly string[];
}

export interface RunRecord {
	readonly id: string;
	readonly spec: RunSpec;
	readonly status: RunStatus;
	/** Updates whose metrics are stored. */
	readonly steps: number;
	/** Update of the newest checkpoint, null if there is none yet. */
	readonly checkpointStep: number | null;
	readonly environment: RunEnvironment;
	/** Where earlier updates were made, if elsewhere: a run resumed on another device says so. */
	readonly earlier: readonly { readonly untilStep: number; readonly environment: RunEnvironment }[];
	readonly receipt: Receipt | null;
	readonly error: string | null;
	readonly startedAt: number;
	readonly updatedAt: number;
}

export interface RunDetail {
	readonly record: RunRecord;
	readonly metrics: readonly StepEvent[];
	readonly results: readonly MetricRow[];
	/** Of the run's probe, in order of their steps; predictions of the first and last one only. */
	readonly measurements: readonly Measurement[];
}

export interface StorageUse {
	/** Bytes used and allowed by the browser for this page. */
	readonly usage: number;
	readonly quota: number;
	/** True if the browser promised not to evict the data. */
	readonly persisted: boolean;
}

/** What was kept in this browser and is gone without anybody having deleted it. */
export interface LostLibrary {
	readonly models: number;
	readonly datasets: number;
	readonly runs: number;
	/** When it was last known to be there. */
	readonly seenAt: number;
	readonly noticedAt: number;
}

export interface Library {
	/** Null where nothing was lost, or the user has taken note of it. */
	readonly lost: LostLibrary | null;
	readonly models: readonly ModelRecord[];
	readonly datasets: readonly DatasetRecord[];
	readonly runs: readonly RunRecord[];
	readonly storage: StorageUse;
}
