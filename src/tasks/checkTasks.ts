/** What can be told of tasks before a model is loaded or trained. */
import type { EvaluationTask, FileTasks } from '../contract/evaluation.ts';
import { checkExam } from './exam.ts';
import { checkSentiment } from './sentiment.ts';
import { checkTranslation } from './translation.ts';
import { checkWords } from './words/words.ts';

/** The same tasks. Throws `BadInput` naming the first that has too few items to ask, or to show as examples. */
export function checkTasks(found: FileTasks): FileTasks {
	for (const task of found.tasks) checkTask(task);
	return found;
}

function checkTask(task: EvaluationTask): void {
	switch (task.kind) {
		case 'words':
			checkWords(task.set, task);
			return;
		case 'translation':
			checkTranslation(task.set, task);
			return;
		case 'sentiment':
			checkSentiment(task.set, task);
			return;
		case 'exam':
			checkExam(task.set, task);
	}
}
