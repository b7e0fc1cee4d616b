// A matrix of float32, by element.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn weightAt(i: u32) -> f32 {
	return weights[i];
}
