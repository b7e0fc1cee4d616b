/**
 * Eigenvalues of a symmetric matrix in float64: Householder reduction to tridiagonal form, then QL with implicit
 * shifts (Golub and Van Loan, Matrix Computations, 8.3; EISPACK's tred1 and imtql1). No eigenvectors.
 */

/** Steps of QL for one eigenvalue; two or three are usual. */
const mostSteps = 60;

interface Tridiagonal {
	/** [size] */
	readonly diagonal: Float64Array;
	/** [size]: entry i lies between i and i + 1; the last one is 0. */
	readonly beside: Float64Array;
}

/**
 * Eigenvalues in ascending order. `matrix` [size, size] is symmetric, of finite numbers, and is overwritten; only its
 * lower half is read. `pause` is awaited after every one of `size` steps, so that a thread may hear messages; what it
 * throws ends the work.
 */
export async function symmetricEigenvalues(
	matrix: Float64Array,
	size: number,
	pause: () => Promise<unknown>,
): Promise<Float64Array> {
	const tridiagonal = await tridiagonalise(matrix, size, pause);
	diagonalise(tridiagonal);
	return tridiagonal.diagonal.sort();
}

/** Clears row after row from the last one up; what is left to reduce is always the top left corner. */
async function tridiagonalise(
	matrix: Float64Array,
	size: number,
	pause: () => Promise<unknown>,
): Promise<Tridiagonal> {
	const diagonal = new Float64Array(size);
	const beside = new Float64Array(size);
	for (let i = size - 1; i >= 0; i--) {
		const row = matrix.subarray(i * size, i * size + i);
		diagonal[i] = matrix[i * size + i]!;
		if (i > 0) beside[i - 1] = reflect(matrix, size, row);
		await pause();
	}
	return { diagonal, beside };
}

/**
 * Applies the reflection H = I - beta v vᵀ that maps `row` [i] to (0, ..., 0, entry) to the corner A [i, i], from both
 * sides: A - v wᵀ - w vᵀ with p = beta A v and w = p - beta/2 (pᵀv) v. Returns the entry; `row` becomes v.
 */
function reflect(matrix: Float64Array, size: number, row: Float64Array): number {
	const last = row.length - 1;
	const final = row[last]!;
	let squares = 0;
	for (let j = 0; j < last; j++) squares += row[j]! ** 2;
	if (squares === 0) return final;
	const entry = -Math.sign(final || 1) * Math.sqrt(squares + final * final);
	row[last] = final - entry;
	const beta = 2 / (squares + row[last] ** 2);

	const w = lowerProduct(matrix, size, row);
	let dot = 0;
	for (let j = 0; j <= last; j++) dot += w[j]! * row[j]!;
	const along = (beta * beta * dot) / 2;
	for (let j = 0; j <= last; j++) w[j] = beta * w[j]! - along * row[j]!;
	for (let i = 0; i <= last; i++) {
		const at = i * size;
		const [vi, wi] = [row[i]!, w[i]!];
		for (let j = 0; j <= i; j++) matrix[at + j]! -= vi * w[j]! + wi * row[j]!;
	}
	return entry;
}

/** A v of the corner as large as v, from its lower half. */
function lowerProduct(matrix: Float64Array, size: number, v: Float64Array): Float64Array {
	const product = new Float64Array(v.length);
	for (let i = 0; i < v.length; i++) {
		const at = i * size;
		const vi = v[i]!;
		let sum = matrix[at + i]! * vi;
		for (let j = 0; j < i; j++) {
			const value = matrix[at + j]!;
			sum += value * v[j]!;
			product[j]! += value * vi;
		}
		product[i]! += sum;
	}
	return product;
}

/** Makes the diagonal the eigenvalues, in no order. */
function diagonalise({ diagonal, beside }: Tridiagonal): void {
	for (let first = 0; first < diagonal.length; first++) {
		for (let step = 0; ; step++) {
			const last = blockEnd(diagonal, beside, first);
			if (last === first) break;
			if (step === mostSteps)
				throw new Error(`Eigenvalue ${first} was not found in ${mostSteps} steps: not finite?`);
			implicitStep(diagonal, beside, first, last);
		}
	}
}

/** Last index of the block that begins at `first`: the entry beside it is 0 to working precision. */
function blockEnd(diagonal: Float64Array, beside: Float64Array, first: number): number {
	let last = first;
	while (last < diagonal.length - 1) {
		const scale = Math.abs(diagonal[last]!) + Math.abs(diagonal[last + 1]!);
		if (Math.abs(beside[last]!) <= Number.EPSILON * scale) break;
		last++;
	}
	return last;
}

/** One QL step with Wilkinson's shift on the block from `first` to `last`, as plane rotations from below. */
function implicitStep(d: Float64Array, e: Float64Array, first: number, last: number): void {
	const half = (d[first + 1]! - d[first]!) / (2 * e[first]!);
	const root = Math.sqrt(half * half + 1);
	let g = d[last]! - d[first]! + e[first]! / (half + (half < 0 ? -root : root));
	let [sine, cosine, shift] = [1, 1, 0];
	for (let i = last - 1; i >= first; i--) {
		const f = sine * e[i]!;
		const b = cosine * e[i]!;
		const length = Math.sqrt(f * f + g * g);
		e[i + 1] = length;
		if (length === 0) {
			// The block has split here.
			d[i + 1]! -= shift;
			e[last] = 0;
			return;
		}
		sine = f / length;
		cosine = g / length;
		g = d[i + 1]! - shift;
		const r = (d[i]! - g) * sine + 2 * cosine * b;
		shift = sine * r;
		d[i + 1] = g + shift;
		g = cosine * r - b;
	}
	d[first]! -= shift;
	e[first] = g;
	e[last] = 0;
}
