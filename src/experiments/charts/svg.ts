/** SVG as text. Pure. */

type Attributes = Readonly<Record<string, string | number>>;

export function escapeText(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}

/** An element; `children` are markup already. */
export function tag(name: string, attributes: Attributes, ...children: readonly string[]): string {
	const text = Object.entries(attributes)
		.map(
			([key, value]) => ` ${key}="${escapeText(typeof value === 'number' ? short(value) : value)}"`,
		)
		.join('');
	return children.length === 0
		? `<${name}${text}/>`
		: `<${name}${text}>${children.join('')}</${name}>`;
}

/** Text at a place. */
export function label(x: number, y: number, text: string, more: Attributes = {}): string {
	return tag('text', { x, y, ...more }, escapeText(text));
}

/** Two decimals at most. */
const short = (value: number) => String(Math.round(100 * value) / 100);
