import { createColors } from "picocolors";

/**
 * Whether what is printed has colours: at a terminal, unless NO_COLOR is set, or wherever FORCE_COLOR is. A CI server that
 * keeps the output in a file is no terminal.
 */
export function wantsColours(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env.NO_COLOR) return false;
  return Boolean(env.FORCE_COLOR) || (isTerminal && env.TERM !== "dumb");
}

export const colours = createColors(wantsColours(process.env, process.stdout.isTTY === true));
