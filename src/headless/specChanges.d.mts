/** Types of specChanges.mjs. */
type Fields = Readonly<Record<string, unknown>>;
export function specChanges(flags: Fields): Fields;
export function overlay(file: Fields, changes: Fields): Fields;
