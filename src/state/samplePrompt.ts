/** What the live sample of a training run continues. */

const responseMark = '### Response:';

/**
 * A laid-out row up to where the answer begins, empty where it has none; of a long one its end, so that it fits a context
 * of so many tokens.
 */
export function samplePrompt(rendered: string, context: number): string {
	const at = rendered.indexOf(responseMark);
	if (at < 0) return '';
	const prompt = `${rendered.slice(0, at + responseMark.length)}\n`;
	return prompt.length <= context ? prompt : prompt.slice(-Math.floor(context / 2));
}
