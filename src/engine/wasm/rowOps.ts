/** Operations on rows and elements: norms, gather and scatter, rotation, SwiGLU. */
import { dropoutParameters } from '../kernels/dropout/parameters.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { Device } from './device.ts';
import { task } from './tasks.ts';

type RowOps = Pick<
	Ops,
	| 'sumRows'
	| 'gatherRows'
	| 'scatterAddRows'
	| 'writeRows'
	| 'argmaxRows'
	| 'add'
	| 'dropout'
	| 'rmsNorm'
	| 'rmsNormBackward'
	| 'rmsNormBackwardWeight'
	| 'rotate'
	| 'scaleInPlace'
>;

/** Must equal the constants of the same meaning in assembly/rows.ts, rotate.ts and elementwise.ts. */
const rowsPerItem = 16;
const columnsPerItem = 16;
export const elementsPerItem = 8192;

const width = (tensor: Tensor): number => tensor.shape.at(-1) ?? 1;
export const rowItems = (rows: number): number => Math.ceil(rows / rowsPerItem);
export const elementItems = (size: number): number => Math.ceil(size / elementsPerItem);

function columnSums(
	device: Device,
	dy: Tensor,
	scaled: { x: Tensor; inverseRms: Tensor } | null,
	columns: number,
	into?: Tensor,
): Tensor {
	const result = into ?? device.tensor([columns], 'f32');
	device.launch(task.columnSums, Math.ceil(columns / columnsPerItem), dy.size, [
		device.address(dy),
		scaled ? device.address(scaled.x) : 0,
		scaled ? device.address(scaled.inverseRms) : 0,
		device.address(result),
		...[dy.size / columns, columns, into ? 1 : 0],
	]);
	return result;
}

function normOps(
	device: Device,
): Pick<Ops, 'sumRows' | 'rmsNorm' | 'rmsNormBackward' | 'rmsNormBackwardWeight'> {
	const { address, launch } = device;
	return {
		sumRows: (dy, into) => columnSums(device, dy, null, width(dy), into),
		rmsNorm(x, weight, epsilon) {
			const rows = x.size / weight.size;
			const y = device.tensor(x.shape, 'f32');
			const inverseRms = device.tensor([rows], 'f32');
			launch(task.rmsNorm, rowItems(rows), x.size, [
				...[address(x), address(weight), address(y), address(inverseRms)],
				...[rows, weight.size, { float: epsilon }],
			]);
			return { y, inverseRms };
		},
		rmsNormBackward(dy, x, weight, inverseRms, into) {
			const rows = x.size / weight.size;
			const result = into ?? device.tensor(x.shape, 'f32');
			launch(task.rmsNormBackward, rowItems(rows), x.size, [
				...[address(dy), address(x), address(weight), address(inverseRms), address(result)],
				...[rows, weight.size, into ? 1 : 0],
			]);
			return result;
		},
		rmsNormBackwardWeight: (dy, x, inverseRms, into) =>
			columnSums(device, dy, { x, inverseRms }, x.size / inverseRms.size, into),
	};
}

function indexOps(
	device: Device,
): Pick<Ops, 'gatherRows' | 'scatterAddRows' | 'writeRows' | 'argmaxRows'> {
	const { address, launch } = device;
	return {
		gatherRows(table, indices) {
			const columns = width(table);
			const result = device.tensor([...indices.shape, columns], 'f32');
			launch(task.gather, rowItems(indices.size), result.size, [
				...[address(table), address(indices), address(result), indices.size, columns],
			]);
			return result;
		},
		scatterAddRows(target, indices, dy) {
			const columns = width(target);
			launch(task.scatterAdd, Math.ceil(columns / columnsPerItem), dy.size, [
				...[address(target), address(indices), address(dy), indices.size, columns],
			]);
		},
		writeRows(target, indices, rows) {
			launch(task.writeRows, 1, rows.size, [
				...[address(target), address(indices), address(rows), indices.size, width(target)],
			]);
		},
		argmaxRows(x) {
			const columns = width(x);
			const rows = x.size / columns;
			const result = device.tensor([rows], 'i32');
			launch(task.argmax, rowItems(rows), x.size, [address(x), address(result), rows, columns]);
			return result;
		},
	};
}

export function rowOps(device: Device): RowOps {
	const { address, launch } = device;
	return {
		...normOps(device),
		...indexOps(device),
		add(target, x) {
			launch(task.add, elementItems(x.size), x.size, [address(target), address(x), x.size]);
		},
		scaleInPlace(x, factor) {
			launch(task.scale, elementItems(x.size), x.size, [address(x), x.size, { float: factor }]);
		},
		dropout(x, rate, seed, into) {
			const { key, threshold, factor } = dropoutParameters(rate, seed);
			const result = into ?? device.tensor(x.shape, 'f32');
			launch(task.dropout, elementItems(x.size), x.size, [
				...[address(x), address(result), x.size, key, threshold],
				...[{ float: factor }, into ? 1 : 0],
			]);
			return result;
		},
		rotate(x, positions, inverseFrequency, direction) {
			const half = inverseFrequency.size;
			const columns = x.size / positions.size;
			launch(task.rotate, rowItems(positions.size), x.size, [
				...[address(x), address(positions), address(inverseFrequency), positions.size],
				...[columns, half, { float: direction }, ...device.threadScratch(half * 8)],
			]);
		},
	};
}
