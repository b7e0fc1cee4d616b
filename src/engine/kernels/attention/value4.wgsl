// Heads read as vec4f; put before the regs kernels where headDim is a multiple of 4.
alias Value = vec4f;
const VALUE = 4u;
fn inner(a: Value, b: Value) -> f32 {
	return dot(a, b);
}
