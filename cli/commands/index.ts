import type { Command } from "commander";

/** The public commands. Each module is loaded only when its command runs, so that `--help` stays quick. */
export function registerCommands(program: Command): void {
  program
    .command("verify")
    .description("prove that plan, reflector, kernel routes and traffic agree")
    .option("-s, --stack <name>", "the stack whose outputs say what to expect", "lab")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--only <id...>", "only these checks; * stands for anything")
    .option("--list", "list the checks and do nothing")
    .option("--json", "print results and everything seen as JSON")
    .option("--wait <duration>", "go on until all checks pass, e.g. 60s")
    .option("--no-tables", "leave out the tables")
    .action(async (flags, command) => (await import("./verify.js")).run(flags, command));
}
