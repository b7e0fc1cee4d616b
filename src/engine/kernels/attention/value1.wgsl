// Heads read as single numbers; put before the regs kernels for any other headDim.
alias Value = f32;
const VALUE = 1u;
fn inner(a: Value, b: Value) -> f32 {
	return a * b;
}
