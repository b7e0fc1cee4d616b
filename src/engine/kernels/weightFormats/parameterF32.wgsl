// A parameter of float32, read and written by four elements.
@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;

fn parameterQuad(quad: u32) -> vec4f {
	return parameter[quad];
}

fn writeParameter(quad: u32, value: vec4f) {
	parameter[quad] = value;
}
