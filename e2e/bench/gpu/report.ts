/** What the parts of the GPU bench share. */

/** Takes a line for whoever watches. */
export type Report = (line: string) => void;

/** Whether a row of this name was asked for. */
export type Wanted = (name: string) => boolean;
