/** Modules made by build/plugin.ts: the default export is the compiled binary as base64. */
declare module '*?wasm=plain' {
	const base64: string;
	export default base64;
}
declare module '*?wasm=relaxed' {
	const base64: string;
	export default base64;
}
declare module '*?wasm=plain,shared' {
	const base64: string;
	export default base64;
}
declare module '*?wasm=relaxed,shared' {
	const base64: string;
	export default base64;
}
