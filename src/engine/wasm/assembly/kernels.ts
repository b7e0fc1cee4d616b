// Entry of the wasm kernels: everything exported here is callable from JavaScript.
export function version(): i32 {
	return 1;
}
