import { local } from "@pulumi/command";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";

/** Indented, so that a preview shows the lines that change. */
export function indented(input: unknown): string {
  return `${JSON.stringify(input, null, 2)}\n`;
}

/**
 * A step whose work stays until the resource goes: `<step>-delete` takes it away.
 * @param settings further ones, such as an environment with secrets
 */
export function keptStep(
  name: string,
  step: string,
  input: unknown,
  options: CustomResourceOptions,
  settings: { readonly environment?: Readonly<Record<string, Input<string>>> } = {},
): local.Command {
  const run = `bin/seamless internal ${step}`;
  return new local.Command(
    name,
    { create: run, update: run, delete: `${run}-delete`, stdin: indented(input), ...settings },
    options,
  );
}
