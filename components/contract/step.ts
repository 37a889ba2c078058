/** A step that a Command resource of Pulumi runs: JSON on standard input, one result on standard output. */
export type Step = () => Promise<void>;

/** By name: the modules of steps. Stacks have the names in their states, so a name stays. */
export type Steps = Readonly<Record<string, () => Promise<{ readonly run: Step }>>>;
