/** The chat template of a model: Jinja, as transformers renders it (`apply_chat_template`). */
import { namedError } from '../contract/errors.ts';
import type { Chat, ChatMessage } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import { type Budget, parseJinja, type Render } from './jinja.ts';

/** Part of a text, [from, to) in UTF-16 units. */
export type Span = readonly [number, number];

export interface LaidOut {
	readonly text: string;
	/** What is graded where not all of it is. */
	readonly answers: readonly Span[];
}

export interface ChatTemplate {
	/**
	 * A chat as the model sees it, and with `loss` "response" the assistant's turns (else none), which are what the template marks with `{% generation %}` (as
	 * `return_assistant_tokens_mask` has it), else what each of them adds to the chat before it with the generation prompt,
	 * white space behind left out. Throws `BadInput` with the template's words, after `where`, where it raises an error.
	 */
	layOut(chat: Chat, where: string, loss: DataSpec['loss']): LaidOut;
}

/** Noncharacters, which no text may hold (Unicode, 23.7), around what is generated. */
const [open, close] = ['\ufdd0', '\ufdd1'];

/** transformers' own block as a call of a macro, which the library knows, so that white space is controlled as there. */
function withMarks(source: string): string {
	const called = source
		.replace(/(\{%[-+]?\s*)generation(\s*[-+]?%\})/g, '$1call __generation()$2')
		.replace(/(\{%[-+]?\s*)endgeneration(\s*[-+]?%\})/g, '$1endcall$2');
	if (called === source) return source;
	return `{% macro __generation() %}${open}{{ caller() }}${close}{% endmacro %}\n${called}`;
}

/** Throws `BadInput` where it is no template. `tokenizerConfig` names the special tokens that templates ask for. */
export function createChatTemplate(source: string, tokenizerConfig: unknown): ChatTemplate {
	const specials = specialTokens(tokenizerConfig);
	const marked = withMarks(source);
	const fill = parse(marked);
	const render: RenderChat = (messages, { tools }, prompting, budget) =>
		fill(
			{
				...specials,
				...{ messages: messages.map(withReasoning), tools: tools ?? null, documents: null },
				add_generation_prompt: prompting,
			},
			budget,
		);
	return {
		layOut(chat, where, loss) {
			try {
				if (/\|\s*string\b/.test(source) && holdsTruth([chat.messages, chat.tools]))
					throw new Error(
						'a call or a tool holds a truth value, which this template prints as Python spells it (True); write it as a text',
					);
				const text = render(chat.messages, chat, false);
				if (marked !== source) return takeMarks(text, chat);
				return { text, answers: loss === 'all' ? [] : answersOf(text, chat, render) };
			} catch (error) {
				const why = error instanceof Error ? error.message : String(error);
				throw namedError(
					'BadInput',
					`${where}: the chat template of the model says: ${why.slice(0, 500)}`,
				);
			}
		},
	};
}

function parse(source: string): Render {
	try {
		return parseJinja(source);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw namedError(
			'BadInput',
			`the chat template of the model cannot be read (${why.slice(0, 500)}); choose another template for the rows`,
		);
	}
}

/** `bos_token`, `eos_token` and their like, by the names that templates have for them. */
function specialTokens(config: unknown): Record<string, string> {
	const entries = typeof config === 'object' && config !== null ? Object.entries(config) : [];
	const tokens = entries.flatMap(([name, value]: [string, unknown]) => {
		const token = contentOf(value);
		return /^[a-z]+_token$/.test(name) && token !== null ? [[name, token] as const] : [];
	});
	return Object.fromEntries(tokens);
}

function contentOf(value: unknown): string | null {
	const content =
		typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
	return typeof content === 'string' ? content : null;
}

/** Reasoning under each name that templates know, as transformers 5 does. */
function withReasoning(message: ChatMessage): ChatMessage {
	const names = ['reasoning_content', 'thinking', 'reasoning'];
	const reasoning = names.map((name) => message[name]).find((value) => value != null);
	if (reasoning === undefined) return message;
	return { thinking: reasoning, ...message, reasoning_content: reasoning };
}

/** Whether a truth value is somewhere inside. The library prints `true`, Python `True`; as JSON both print `true`. */
function holdsTruth(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return typeof value === 'boolean';
	return Object.values(value).some(holdsTruth);
}

/** The text without its marks, and what was between them. */
function takeMarks(marked: string, { messages }: Chat): LaidOut {
	if (messages.some(({ content }) => content?.includes(open) || content?.includes(close)))
		throw new Error('a text holds U+FDD0 or U+FDD1, which are no characters; remove them');
	const answers: Span[] = [];
	let text = '';
	let begin = 0;
	for (const part of marked.split(/([\ufdd0\ufdd1])/)) {
		if (part === open) begin = text.length;
		else if (part === close) answers.push([begin, text.length]);
		else text += part;
	}
	return { text, answers };
}

type RenderChat = (
	messages: readonly ChatMessage[],
	chat: Chat,
	prompting: boolean,
	budget?: Budget,
) => string;

/** Of one chat, which is rendered twice for each answer: of templates of model families some 100 answers. */
const mostAnswerSteps = 2_000_000;

function answersOf(text: string, chat: Chat, render: RenderChat): Span[] {
	const budget = { left: mostAnswerSteps };
	const part = (count: number, prompting: boolean): string => {
		try {
			return render(chat.messages.slice(0, count), chat, prompting, budget);
		} catch (error) {
			if (budget.left >= 0) throw error;
			throw new Error(
				`telling its ${chat.messages.length} messages apart takes more than ${mostAnswerSteps} steps; split the chat, or grade every word`,
				{ cause: error },
			);
		}
	};
	return chat.messages.flatMap(({ role, content }, index): Span[] => {
		if (role !== 'assistant') return [];
		const begin = part(index, true);
		const whole = part(index + 1, false).trimEnd();
		if (text.startsWith(begin) && whole.startsWith(begin)) {
			if (text.startsWith(whole)) return [[begin.length, whole.length]];
			// Qwen3 leaves the thoughts of earlier turns out: the answer is followed by the same as without them.
			const at = content === undefined ? -1 : whole.lastIndexOf(content.trim());
			const answer = at < 0 ? null : whole.slice(at);
			if (answer !== null && text.startsWith(answer, begin.length))
				return [[begin.length, begin.length + answer.length]];
		}
		throw new Error(
			`where message ${index + 1} begins and ends cannot be told, and {% generation %} does not mark it; grade every word`,
		);
	});
}
