// A matrix of float32, by four elements.
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;

fn weightQuad(quad: u32) -> vec4f {
	return weights[quad];
}
