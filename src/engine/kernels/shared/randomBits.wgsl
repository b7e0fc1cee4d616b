// Random bits of four elements by their numbers and params.key: the generator of random.ts.
fn randomBits(counter: vec4u) -> vec4u {
	var bits = ((counter + 1u) * 0x9e3779b1u) ^ vec4u(params.key);
	for (var round = 0u; round < 2u; round++) {
		bits = (bits ^ (bits >> vec4u(16u))) * 0x85ebca6bu;
		bits = (bits ^ (bits >> vec4u(13u))) * 0xc2b2ae35u;
		bits = bits ^ (bits >> vec4u(16u));
	}
	return bits;
}
