/**
 * Jinja that ends: a template comes from outside, and a few characters of it can ask for work without an end
 * (`range(1000000000)`, a list doubled thirty times, a macro that calls itself). The library (@huggingface/jinja 0.5.11)
 * has no limit; here every value that it evaluates is counted.
 */
import { Environment, Interpreter, Template } from '@huggingface/jinja';

type Node = NonNullable<Parameters<Interpreter['evaluate']>[0]>;
type Value = ReturnType<Interpreter['evaluate']>;
type Text = Extract<Value, { value: string }>;

/** Of one rendering. Templates of model families take some 100 for a message. */
const mostSteps = 500_000;

/** Of a value, for which as much work as for one step is counted. */
const charactersOfStep = 256;

/** Of one value. */
const mostCharacters = 2 ** 24;

/** An element of a list is as much work as so many characters. */
const charactersOfElement = 16;

/** Of a name that nothing has: the library looks for it by errors. */
const stepsOfUndefined = 15;

/** Of a loop, what is in it not counted. */
const stepsOfTurn = 50;

/** Of expressions and statements in each other, and of macros that call macros. */
const deepest = 500;

const mostIndent = 1000;

/** In all ranges of one rendering: each holds them all at once. */
const mostNumbers = 100_000;

/** Steps that several renderings may take together; it is changed by them. */
export interface Budget {
	left: number;
}

/** Throws where the template raises an error, or does more than a template needs to. */
export type Render = (values: Readonly<Record<string, unknown>>, budget?: Budget) => string;

/** Throws where it is no template. */
export function parseJinja(source: string): Render {
	const { parsed } = plainly(() => new Template(source));
	return (values, budget) =>
		plainly(() => {
			const environment = new Environment();
			for (const [name, value] of Object.entries({ ...globals, range: ranges(), ...values }))
				environment.set(name, value);
			return (bounded(environment, budget).run(parsed) as Text).value;
		});
}

/** What every template may use, as the library has it. */
const globals = {
	...{ true: true, false: false, none: null, True: true, False: false, None: null },
	raise_exception(message: unknown) {
		throw new Error(String(message));
	},
	strftime_now: (format: unknown) => new Template('{{ strftime_now(format) }}').render({ format }),
};

/** Python's `range`, of a rendering. */
function ranges() {
	let left = mostNumbers;
	return (first: unknown, second?: unknown, step: unknown = 1): number[] => {
		const [from, to] = second === undefined ? [0, first] : [first, second];
		if (!isWhole(from) || !isWhole(to) || !isWhole(step) || step === 0)
			throw new Error('range() takes whole numbers, and a step that is not 0');
		const length = Math.max(0, Math.ceil((to - from) / step));
		left -= length;
		if (left < 0) throw new Error(`range() of ${length} numbers is too long, or one of too many`);
		return Array.from({ length }, (_, index) => from + index * step);
	};
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** Says what the engine says of itself (TypeError, RangeError) in words for people. */
function plainly<Result>(work: () => Result): Result {
	try {
		return work();
	} catch (error) {
		let why: string | null = null;
		if (error instanceof RangeError) why = 'it is nested too deeply, or makes too much';
		if (error instanceof TypeError) why = 'it uses a value as what it is not';
		throw why === null ? error : new Error(why, { cause: error });
	}
}

/** An interpreter that counts what it evaluates. */
function bounded(environment: Environment, budget: Budget = { left: Infinity }): Interpreter {
	const interpreter = new Interpreter(environment);
	const evaluate = interpreter.evaluate.bind(interpreter);
	const weigh = scales();
	const parents: Node[] = [];
	let steps = 0;
	interpreter.evaluate = (node, scope) => {
		if (!node) return evaluate(node, scope);
		if (parents.length >= deepest) throw new Error(`it is nested deeper than ${deepest}`);
		const parent = parents.at(-1);
		parents.push(node);
		try {
			for (const width of indents(node)) checkIndent(evaluate(width, scope).value);
			const value = evaluate(node, scope);
			// Looking an entry up is no more work in a long list than in a short one.
			const isLookedUp = parent?.type === 'MemberExpression';
			const weight = isLookedUp ? 0 : weigh(value);
			if (weight > mostCharacters) throw new Error('it makes a value that is too long');
			const isUnknown = node.type === 'Identifier' && value.type === 'UndefinedValue';
			const work =
				(isUnknown ? stepsOfUndefined : 1) +
				weight / charactersOfStep +
				stepsOfTurn * turns(value, node, parent);
			steps += work;
			if (steps > mostSteps) throw new Error(`it takes more than ${mostSteps} steps`);
			budget.left -= work;
			if (budget.left < 0) throw new Error('it takes too many steps');
			return value;
		} finally {
			parents.pop();
		}
	};
	return interpreter;
}

/** How often a loop turns, where the value is what it goes through. */
function turns(value: Value, node: Node, parent: Node | undefined): number {
	if (parent?.type !== 'For') return 0;
	const { iterable } = parent as Node & { readonly iterable: Node & { readonly lhs?: Node } };
	if (iterable !== node && iterable.lhs !== node) return 0;
	const content: unknown = value.value;
	if (Array.isArray(content)) return content.length;
	return content instanceof Map ? content.size : 0;
}

/** What a filter indents by: the library makes that many spaces without a look. */
function indents(node: Node): Node[] {
	const { filter } = node as { readonly filter?: Node };
	const { callee, args } = (filter ?? {}) as {
		readonly callee?: { readonly value: string };
		readonly args?: readonly Node[];
	};
	if (callee?.value !== 'indent' && callee?.value !== 'tojson') return [];
	return (args ?? []).map((argument) =>
		argument.type === 'KeywordArgumentExpression'
			? (argument as unknown as { readonly value: Node }).value
			: argument,
	);
}

function checkIndent(value: unknown): void {
	if (typeof value === 'number' && !(Math.abs(value) <= mostIndent))
		throw new Error(`it indents by ${value}`);
}

/** Tells the characters of a value, those inside it too; what was told of a list once holds, since lists do not change. */
function scales(): (value: Value) => number {
	const known = new WeakMap<Value, number>();
	const weigh = (value: Value): number => {
		const content: unknown = value.value;
		if (typeof content === 'string') return content.length;
		// Namespaces change, and nothing is made of all that is in one.
		const isObject = value.type !== 'NamespaceValue' && content instanceof Map;
		if (!Array.isArray(content) && !isObject) return 0;
		const before = known.get(value);
		if (before !== undefined) return before;
		let weight = 0;
		for (const item of (content as readonly Value[] | Map<string, Value>).values())
			weight += charactersOfElement + weigh(item);
		known.set(value, weight);
		return weight;
	};
	return weigh;
}
