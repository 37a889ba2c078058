/**
 * The commands of a router that cannot be run here, as its maker documents them. Words are as they are; `<...>` stands for an
 * argument of a type (see types in parse.ts), `[ ]` for what may be left out, `( | )` for a choice.
 */
export interface Command {
  readonly command: string;
  /** Where it is said. */
  readonly source: string;
  /** What stands below it, one step further in. Default: nothing. */
  readonly below?: readonly Command[];
}

export interface Grammar {
  /** Blanks by which what is below a command is further in; 0 where a line says all by itself. */
  readonly indent: number;
  readonly comment: string;
  readonly commands: readonly Command[];
}
