// Entry of the wasm kernels: the exports, and the table from task number to kernel (see ../tasks.ts).
import { gegluBackwardItem, gegluItem, swigluBackwardItem, swigluItem } from './activations';
import { adamW8bitItem } from './adamW8bit';
import { attentionItem } from './attention';
import { attentionBackwardItem } from './attentionBackward';
import {
	adamWItem,
	addItem,
	axpbyItem,
	dropoutItem,
	normItem,
	scaleItem,
	squaresItem,
} from './elementwise';
import { geluItem, layerNormItem } from './encoder';
import { fewRowsItem, multiplyItem, packItem } from './gemm';
import { crossEntropyItem } from './loss';
import { rotateItem } from './rotate';
import {
	argmaxItem,
	columnSumsItem,
	gatherItem,
	rmsNormBackwardItem,
	rmsNormItem,
	scatterAddItem,
	writeRowsItem,
} from './rows';
import { xieluAlphasItem, xieluBackwardItem, xieluItem } from './xielu';

export { fail, run, serve, setup, stop } from './parallel';

/** One item of a task, with the arguments in the control block. */
export function execute(task: i32, item: i32): void {
	switch (task) {
		case 0:
			return packItem(item);
		case 1:
			return multiplyItem(item);
		case 2:
			return fewRowsItem(item);
		case 3:
			return rmsNormItem(item);
		case 4:
			return rmsNormBackwardItem(item);
		case 5:
			return columnSumsItem(item);
		case 6:
			return gatherItem(item);
		case 7:
			return writeRowsItem();
		case 8:
			return scatterAddItem(item);
		case 9:
			return argmaxItem(item);
		case 10:
			return addItem(item);
		case 11:
			return swigluItem(item);
		case 12:
			return swigluBackwardItem(item);
		case 13:
			return squaresItem(item);
		case 14:
			return normItem();
		case 15:
			return adamWItem(item);
		case 16:
			return crossEntropyItem(item);
		case 17:
			return rotateItem(item);
		case 18:
			return attentionItem(item);
		case 19:
			return attentionBackwardItem(item);
		case 20:
			return dropoutItem(item);
		case 21:
			return adamW8bitItem(item);
		case 22:
			return layerNormItem(item);
		case 23:
			return geluItem(item);
		case 24:
			return scaleItem(item);
		case 25:
			return gegluItem(item);
		case 26:
			return gegluBackwardItem(item);
		case 27:
			return xieluItem(item);
		case 28:
			return xieluBackwardItem(item);
		case 29:
			return xieluAlphasItem(item);
		case 30:
			return axpbyItem(item);
	}
}
