/** Where studies and the command line find the name of a run. */
export { runId } from '../contract/runId.ts';
