import type { Command } from "commander";

/** A step that a Pulumi Command resource runs: JSON on standard input, one result on standard output. */
export type InternalStep = () => Promise<void>;

const steps: Readonly<Record<string, () => Promise<{ readonly run: InternalStep }>>> = {};

/** `seamless internal STEP`: not part of the public contract, hence hidden. */
export function registerInternal(program: Command): void {
  program.command("internal <step>", { hidden: true }).action(async (name: string) => {
    const load = steps[name];
    if (load === undefined) program.error(`unknown step '${name}'`);
    else await (await load()).run();
  });
}
