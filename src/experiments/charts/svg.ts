/** SVG as text. Pure. */

/** Control characters but for tab and line breaks, halves of surrogate pairs, and two that mean nothing. */
const notInXml = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu;

type Attributes = Readonly<Record<string, string | number>>;

/** Text as markup that means it, in HTML and in XML; what XML cannot hold is U+FFFD. */
export function escapeText(text: string): string {
	return text
		.replaceAll(notInXml, '\uFFFD')
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

/** Width of a text in a common sans-serif font, a little more than most take. */
export const textWidth = (text: string, fontSize: number): number => 0.6 * fontSize * text.length;

/** A text in lines that fit a width, broken at spaces; a longer word has its own line. */
export function linesOf(text: string, width: number, fontSize: number): string[] {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const longer = `${lines.at(-1) ?? ''} ${word}`;
		if (lines.length > 0 && textWidth(longer, fontSize) <= width) lines.splice(-1, 1, longer);
		else lines.push(word);
	}
	return lines;
}

/** Two decimals at most. */
const short = (value: number) => String(Math.round(100 * value) / 100);
