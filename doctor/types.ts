/** How bad it is: nothing to do, something to know, or something that has to be mended first. */
export type Level = "ok" | "warn" | "fail";

/** One thing that was looked at. */
export interface Line {
  /** Stable name: `machine/<what>`, `stack/<what>`, `host/<reflector or node>`, `coe/<name>`. */
  readonly id: string;
  readonly level: Level;
  /** What was found. */
  readonly found: string;
  /** What to do; there for whatever is not ok. */
  readonly advice?: string;
}

/** A program that is run on this machine. */
export interface NeededProgram {
  readonly program: string;
  readonly why: string;
  /** What to do where it is missing. */
  readonly advice: string;
  /** Arguments by which it tells its version. Absent: it is not asked. */
  readonly version?: readonly string[];
}
