import * as v from 'valibot';

/** Valibot takes an empty list for an object that needs no key: the schema, which refuses lists. */
export const noList = <Schema extends v.GenericSchema>(schema: Schema) =>
	v.pipe(
		v.custom<v.InferInput<Schema>>((value) => !Array.isArray(value), 'not an object'),
		schema,
	);
