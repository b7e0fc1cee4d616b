/**
 * Where the publishers of evaluation data keep their files, as paths within one data folder: for the command line, which
 * runs in plain Node, and for the page alike.
 */

/** New languages, ISO 639-1. */
export const languageCodes = { javanese: 'jv', sundanese: 'su' };

/** Languages that word lists are translated to and from. */
export const knownCodes = ['en', 'de', 'zh', 'ru', 'fr'];

/** Words of a language, by Wendler et al. 2024. */
export const wordPath = (code) => `wendler/langs/${code}/clean.csv`;

export const translationPaths = { train: 'nusax/mt/train.csv', test: 'nusax/mt/test.csv' };

export const sentimentPaths = (language) => ({
	train: `nusax/sentiment/${language}/train.csv`,
	test: `nusax/sentiment/${language}/test.csv`,
});

/** Questions: the first of these that is there. */
export const examPaths = (language) => [
	'indommlu/IndoMMLU.csv',
	'indommlu/IndoMMLU.parquet',
	`indommlu/indommlu_subset_${languageCodes[language]}.csv`,
];

/** Answers of Alpaca in English: the first of these that is there. */
export const alpacaPaths = ['alpaca/alpaca_data.json', 'alpaca/alpaca_5000.json'];

/** Everything that a task may read for a new language. */
export const taskPaths = {
	words: (language) => [...knownCodes, languageCodes[language]].map(wordPath),
	translation: () => Object.values(translationPaths),
	sentiment: (language) => Object.values(sentimentPaths(language)),
	exam: examPaths,
	retention: () => [...knownCodes.map(wordPath), translationPaths.test, ...alpacaPaths],
};

/**
 * The one of `present` that `wanted` means: itself, or a file in a folder as its publisher lays it out (a clone of NusaX
 * has `datasets/mt/test.csv`); undefined where there is none.
 */
export function matchingPath(present, wanted) {
	const within = wanted.slice(wanted.indexOf('/') + 1);
	return (
		present.find((path) => path === wanted || path.endsWith(`/${wanted}`)) ??
		present.find((path) => path === within || path.endsWith(`/${within}`))
	);
}
