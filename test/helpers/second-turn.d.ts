/** The counts of one file of tests. */
export interface Counted {
  readonly path: string;
  readonly passed: number;
  /** By name. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** Files that get a second turn. */
export function again(files: readonly Counted[]): string[];
/** The lines that end a run: what is skipped, what failed in its first turn, and the counts of the last turns. */
export function summary(first: readonly Counted[], second: readonly Counted[]): string[];
