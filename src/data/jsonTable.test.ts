/** Which shape of JSON is meant, where more than one could be. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { looksLikeJson, parseJsonTable } from './jsonTable.ts';

const parse = (text: string) => parseJsonTable(text, 'x.json');
const map = (entries: Record<string, unknown>) => new Map(Object.entries(entries));

test.each([
	['[1]', true],
	[' \n{"a":1}', true],
	['a,b\n[x],{y}', false],
	['a[0],b{1}', false],
	['', false],
])('%j looks like JSON: %s', (text, is) => {
	expect(looksLikeJson(text)).toBe(is);
});

describe('one object a line', () => {
	const two = [{ a: 'x' }, { a: 'y' }];

	test.each(['{"a":"x"}\n{"a":"y"}', ' \n {"a":"x"}\r{"a":"y"}\n', '{"a":"x"}\n \t\n{"a":"y"}'])(
		'%j',
		(text) => {
			expect(parse(text)).toEqual(two);
		},
	);

	test('a line alone, blank ones around it, may be a wrapped list', () => {
		expect(parse(' \n{"data":[{"a":"x"},{"a":"y"}]}\n \n\n')).toEqual(two);
	});

	test('lists are no lines', () => {
		expect(() => parse('[{"a":"x"}]\n[{"a":"y"}]')).toThrow(
			namedError(
				'BadInput',
				'x.json: not valid JSON at line 2, column 1, in row 2; correct it there',
			),
		);
	});

	const advice = 'write an array of objects or one object per line';
	test.each([
		['{"a":1}\n\n{"a":}', `line 3 is not a JSON object; ${advice}`],
		[
			'{"a":1}\n{"a":1,"a":2}',
			`line 2 is not a JSON object (the key "a" is there twice); ${advice}`,
		],
	])('refuses %j', (text, why) => {
		expect(() => parse(text)).toThrow(namedError('BadInput', `x.json: ${why}`));
	});
});

const records =
	'write a list of objects, one for each row (pandas: df.to_json(path, orient="records", force_ascii=False))';

test.each([
	['7', `the JSON is not an array of objects; ${records}`],
	['[]', 'the JSON array is empty; choose a file with rows'],
	['[1.50]', `row 1 is 1.50, not an object with named columns; ${records}`],
	[
		`["${'x'.repeat(50)}"]`,
		`row 1 is "${'x'.repeat(39)}, not an object with named columns; ${records}`,
	],
	['{"a":1}\n[2]', `line 2 is [2], not an object with named columns; ${records}`],
	['{}', 'the JSON has no rows; choose a file with rows'],
	['{"messages":[]}', 'the JSON has no rows; choose a file with rows'],
	['{"a":["x","y"],"b":["z"]}', 'the columns have 2 and 1 values; a row needs one of each'],
	[
		'{"columns":["a","b"],"rows":[["x","y"]]}',
		'the columns have 2 and 1 values; a row needs one of each',
	],
	['{"columns":["a"],"data":[["x"],["y","z"]]}', 'row 2 does not have the 1 values of "columns"'],
	[
		'{"train":[{"a":"x"}],"n":"1","test":[{"a":"y"}],"ids":["z"]}',
		'the JSON has rows in "train" and "test"; save one of them as a list of its own',
	],
])('refuses %s', (text, why) => {
	expect(() => parse(text)).toThrow(namedError('BadInput', `x.json: ${why}`));
});

test.each([
	['some keys that count', '{"0":{"a":"x"},"b":{"a":"y"}}'],
	['keys that end in digits', '{"x":{"a0":"1"},"y":{"a0":"2"}}'],
	['keys that begin with digits', '{"x":{"0a":"1"},"y":{"0a":"2"}}'],
	['keys that all count', '{"0":{"0":"x"},"1":{"0":"y"}}'],
	['columns of fewer values', '{"a":{"0":"x","1":"y"},"b":{"0":"z"}}'],
	['columns of more values', '{"a":{"0":"x"},"b":{"0":"y","1":"z"}}'],
	['columns of other rows', '{"a":{"0":"x","1":"y"},"b":{"0":"z","2":"w"}}'],
	['columns of nothing', '{"a":{},"b":{}}'],
])('objects in an object are no rows: %s', (_, text) => {
	expect(() => parse(text)).toThrow(
		namedError('BadInput', `x.json: the JSON is one object of objects, not rows; ${records}`),
	);
});

describe('an object', () => {
	test.each<[string, string, unknown[]]>([
		['of rows that lack a column', '{"0":{"a":"x"},"1":{"b":"y"}}', [{ a: 'x' }, { b: 'y' }]],
		['of columns', '{"a":{"0":"x","1":null}}', [{ a: 'x' }, { a: null }]],
		[
			'of split columns, one named by a number',
			'{"columns":[0,"b"],"data":[["x","y"]]}',
			[{ 0: 'x', b: 'y' }],
		],
		[
			'whose columns are called "columns" and "data"',
			'{"columns":["a","b"],"data":[["x"],"y"]}',
			[
				{ columns: 'a', data: ['x'] },
				{ columns: 'b', data: 'y' },
			],
		],
		[
			'of lists with an object in them',
			'{"a":["x",{"b":"y"}],"c":["z",null]}',
			[
				{ a: 'x', c: 'z' },
				{ a: map({ b: 'y' }), c: null },
			],
		],
		['that wraps a list', '{"text":[{"a":"x"},{"a":"y"}]}', [{ a: 'x' }, { a: 'y' }]],
		['that wraps a list beside another', '{"ids":["z"],"rows":[{"a":"x"}]}', [{ a: 'x' }]],
		['that wraps a list beside facts', '{"n":"1","ids":["z"],"rows":[{"a":"x"}]}', [{ a: 'x' }]],
		[
			'that wraps a list beside a chat',
			'{"n":"1","chat":[{"role":"user"}],"rows":[{"a":"x"}]}',
			[{ a: 'x' }],
		],
		['with objects is a row', '{"a":"x","b":{"c":"y"}}', [{ a: 'x', b: map({ c: 'y' }) }]],
		[
			'of the usual columns is a row, whatever is beside them',
			'{"instruction":"x","output":"y","meta":[{"id":"1"}]}',
			[{ instruction: 'x', output: 'y', meta: [map({ id: '1' })] }],
		],
		[
			'with a chat of OpenAI is a row',
			'{"a":[{"role":"user","content":"x"}]}',
			[{ a: [map({ role: 'user', content: 'x' })] }],
		],
		[
			'with a chat of ShareGPT is a row',
			'{"a":[{"from":"human"}]}',
			[{ a: [map({ from: 'human' })] }],
		],
		[
			'with a chat beside a list is a row',
			'{"a":[{"role":"user"}],"b":["x","y"]}',
			[{ a: [map({ role: 'user' })], b: ['x', 'y'] }],
		],
		[
			'of rows of which some have a role is no chat',
			'{"a":[{"role":"user"},{"name":"x"}]}',
			[{ role: 'user' }, { name: 'x' }],
		],
		[
			'of rows whose role is no name is no chat',
			'{"a":[{"role":null,"from":null}]}',
			[{ role: null, from: null }],
		],
	])('%s', (_, text, rows) => {
		expect(parse(text)).toEqual(rows);
	});
});
