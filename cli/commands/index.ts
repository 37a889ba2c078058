import type { Command } from "commander";

/** The public commands. Each module is loaded only when its command runs, so that `--help` stays quick. */
export function registerCommands(_program: Command): void {}
