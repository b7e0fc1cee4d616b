// How a workgroup adds up a row, put before a kernel that works row by row.
import rowSerial from '../kernels/shared/rowSerial.wgsl?raw';
import rowSubgroups from '../kernels/shared/rowSubgroups.wgsl?raw';
import rowTree from '../kernels/shared/rowTree.wgsl?raw';
import type { Context } from './context.ts';

/** 64 threads a row. */
export const workgroupRows = ({ runtime }: Context): string =>
	runtime.open.device.features.has('subgroups') ? rowSubgroups : rowTree;

/** 64 threads a row or, without barriers, one. */
export const rowCode = (context: Context): string =>
	context.variant === 'regs' ? rowSerial : workgroupRows(context);
