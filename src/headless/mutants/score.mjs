/** Reads a report of mutation testing (mutation-testing-report-schema). Pure. */

const mutantsOf = (report) => Object.values(report.files).flatMap(({ mutants }) => mutants);

/** Noticed: by a failing test, or as it never ends. What cannot be run (a type error, say) counts neither way. */
export function scoreOf(reports) {
	const all = reports.flatMap(mutantsOf);
	const of = (...statuses) => all.filter(({ status }) => statuses.includes(status)).length;
	const killed = of('Killed', 'Timeout');
	const survived = of('Survived', 'NoCoverage');
	return { all: killed + survived, killed, score: (100 * killed) / Math.max(1, killed + survived) };
}

/** What no test noticed, by file and line. */
export function survivorsOf(report) {
	return Object.entries(report.files).flatMap(([file, { mutants }]) =>
		mutants
			.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
			.map(({ location, mutatorName, replacement }) => ({
				...{ file, line: location.start.line, name: mutatorName },
				replacement: replacement.replaceAll(/\s+/g, ' ').slice(0, 80),
			}))
			.sort((a, b) => a.line - b.line),
	);
}
