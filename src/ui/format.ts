/** Numbers as people read them. */

/** 1536 is "1.5 KiB". */
export function bytes(value: number): string {
	const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
	let unit = 0;
	let amount = value;
	while (amount >= 1024 && unit < units.length - 1) {
		amount /= 1024;
		unit++;
	}
	const digits = unit === 0 || amount >= 100 ? 0 : 1;
	return `${amount.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** 260032 is "260 thousand", 6738415616 is "6.74 billion". */
export function amount(value: number): string {
	const scales: readonly [number, string][] = [
		[1e12, ' trillion'],
		[1e9, ' billion'],
		[1e6, ' million'],
		[1e3, ' thousand'],
	];
	const scale = scales.find(([size]) => value >= size);
	return scale ? `${Number((value / scale[0]).toPrecision(3))}${scale[1]}` : String(value);
}

/** 1 is "1 run", 2 is "2 runs". */
export function counted(count: number, thing: string): string {
	return `${exact(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** Every digit, grouped. */
export function exact(value: number): string {
	return value.toLocaleString('en-US');
}

/** 0.1416 is "14.2 %". Only nothing is 0 % and only all of it 100 %. */
export function percent(part: number): string {
	const value = part * 100;
	if (value === 0 || value === 100) return `${value} %`;
	const shown = Math.min(99.99, Math.max(0.01, value));
	return `${shown.toFixed(shown < 0.1 || shown > 99.9 ? 2 : 1)} %`;
}

/** 3725 is "1 h 2 min", 65 is "1 min 5 s". */
export function duration(seconds: number): string {
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	const minutes = Math.floor(whole / 60);
	if (minutes < 60) return `${minutes} min ${whole % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A loss or score with fixed digits. */
export function fixed(value: number, digits = 3): string {
	return value.toFixed(digits);
}

/** Small and large numbers such as learning rates: 0.001 is "0.001", 0.00005 is "5e-5". */
export function scientific(value: number): string {
	if (value === 0) return '0';
	const size = Math.abs(value);
	if (size < 1e-3 || size >= 1e5) return value.toExponential(2).replace(/\.?0+e/, 'e');
	return String(Number(value.toPrecision(3)));
}

/** Difference with its sign, true minus. */
export function signed(value: number, digits = 3): string {
	const text = Math.abs(value).toFixed(digits);
	return value < 0 ? `−${text}` : `+${text}`;
}

/** Day and time, short. */
export function moment(time: number): string {
	return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Generated text for reading: no more than one blank line in a row, none at the ends. */
export function readable(text: string): string {
	return text.replaceAll(/\n[ \t]*(?:\n[ \t]*)+/g, '\n\n').trim();
}
