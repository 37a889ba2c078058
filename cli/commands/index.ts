import type { Command } from "commander";
import { coeRuntimes } from "../../components/kinds/runtime";

/** The public commands. Each module is loaded only when its command runs, so that `--help` stays quick. */
export function registerCommands(program: Command): void {
  program
    .command("adopt <coe...>")
    .description(
      "read running COEs, each as NAME=KIND:SETTING=VALUE,..., and write a stack file; changes nothing",
    )
    .option("--router <router...>", "running routers, as NAME=KIND:address=ADDRESS,dockerHost=HOST")
    .option("--output <file>", "write the file here instead of to standard output")
    .option("--json", "print the file and what is in the way as JSON")
    .action(async (coes, flags) => (await import("./adopt.js")).run(coes, flags));
  program
    .command("doctor")
    .description("look at this machine and at the stack, and say what to do; changes nothing")
    .option("-s, --stack <name>", "the stack that is looked at", "lab")
    .option("--config <file>", "read this configuration file instead")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--bundle <file.tgz>", "also write a support bundle, from which secrets are cut")
    .option("--json", "print the lines as JSON")
    .action(async (flags) => (await import("./doctor.js")).run(flags));
  program
    .command("graph [what] [ends...]")
    .description("draw the plan: topology, addresses, or path FROM TO; needs no COE and no network")
    .option("-s, --stack <name>", "the stack whose configuration file is read", "lab")
    .option("--config <file>", "read this configuration file instead")
    .option("--format <format>", "mermaid, dot or svg", "mermaid")
    .option("--planned", "the path by the model of the plan, which is the default")
    .option("-6, --ipv6", "the path of IPv6, where both ends have both families")
    .option("--json", "print the picture as data")
    .action(async (what, ends, flags) => (await import("./graph.js")).run(what, ends, flags));
  const inspect = program
    .command("inspect")
    .description("compare a cluster with the plan before it is joined; changes nothing")
    .option("-s, --stack <name>", "the stack whose configuration file is read", "lab")
    .option("--config <file>", "read this configuration file instead")
    .option("--coe <name>", "the COE in it; needed where there are several clusters");
  // Kinds may share flags.
  const flags = new Set(Object.values(coeRuntimes).flatMap(({ inspectFlags }) => inspectFlags));
  for (const { option, description } of flags) inspect.option(option, description);
  inspect
    .option("--json", "print findings and everything seen as JSON")
    .action(async (flags) => (await import("./inspect.js")).run(flags));
  program
    .command("plan")
    .description("show the subnet plan; needs no COE, no Docker and no network")
    .option("-s, --stack <name>", "the stack whose configuration file is read", "lab")
    .option("--config <file>", "read this configuration file instead")
    .option("--assign", "write missing AS numbers and container ranges into the file")
    .option("--json", "print the plan as JSON")
    .action(async (flags) => (await import("./plan.js")).run(flags));
  program
    .command("preview")
    .description("show what an update would change for sessions, ranges, reachability and traffic")
    .option("-s, --stack <name>", "the stack whose outputs have the plan of the last update", "lab")
    .option("--config <file>", "read this configuration file instead of the stack's")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--from <file>", "compare with this plan instead, as `seamless plan --json` prints it")
    .option("--expect-no-loss", "exit with 1 when loss is expected")
    .option("--json", "print the change as JSON")
    .action(async (flags) => (await import("./preview.js")).run(flags));
  program
    .command("render <what>")
    .description(
      "print what would be applied: calico, cni, names, speaker, or a kind of reflector; records of services as they are now",
    )
    .option("-s, --stack <name>", "the stack whose configuration file is read", "lab")
    .option("--config <file>", "read this configuration file instead")
    .option("--coe <name>", "only this COE (calico, cni, names, records, speaker)")
    .option("--api <version>", "Calico API of the documents: v3 or v1; default: the COE's")
    .action(async (what, flags) => (await import("./render.js")).run(what, flags));
  program
    .command("report")
    .description("write one HTML page with the plan, the live state, the checks and pictures")
    .option("-s, --stack <name>", "the stack whose outputs say what to expect", "lab")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--output <file>", "write the page to this file instead of standard output")
    .action(async (flags) => (await import("./report.js")).run(flags));
  program
    .command("toolchain [program...]")
    .description("install or build what the program and the lab run, or only the programs named")
    .option("--list", "list the tools, their versions and where they come from")
    .option("--pulumi-only", "only what `pulumi` needs, not the lab's software")
    .option("--tests", "also what the tests run on this machine itself")
    .action(async (programs, flags) => (await import("./toolchain.js")).run(programs, flags));
  program
    .command("tour")
    .description(
      "replay the reference experiment in the lab: reflector, then one orchestrator after the other",
    )
    .option("-s, --stack <name>", "the stack to do it with", "lab")
    .action(async (flags) => (await import("./tour.js")).run(flags));
  program
    .command("explain <from> <to>")
    .description(
      "show every link of the way from one container, service or node to another and back, and the first that is broken",
    )
    .option("-s, --stack <name>", "the stack whose outputs or configuration file is read", "lab")
    .option("--config <file>", "with --planned: read this configuration file instead")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--planned", "by the plan alone; asks nobody")
    .option("-6, --ipv6", "the way of IPv6, where both ends have both families")
    .option(
      "--port <port>",
      "the server's port of TCP, to which a connection is tried. Default: ping",
    )
    .option("--json", "print the links as JSON")
    .action(async (from, to, flags) => (await import("./explain.js")).run(from, to, flags));
  program
    .command("status")
    .description("show reflectors, sessions, nodes, blocks and the last result of each layer")
    .option("-s, --stack <name>", "the stack whose outputs say what to expect", "lab")
    .option("--outputs <file>", "read the stack's outputs from a JSON file instead")
    .option("--json", "print it as JSON")
    .action(async (flags) => (await import("./status.js")).run(flags));
  program
    .command("up")
    .description(
      "pulumi up, and back to the configuration of the last update where the gate refuses (seamless:gate)",
    )
    .option("-s, --stack <name>", "the stack that is updated", "lab")
    .action(async (flags) => (await import("./up.js")).run(flags));
  program
    .command("verify")
    .description("prove that plan, reflector, kernel routes and traffic agree")
    .option("-s, --stack <name>", "the stack whose outputs say what to expect", "lab")
    .option("--outputs <file>", "read the stack's outputs, or its export, from a JSON file instead")
    .option(
      "--gone",
      "prove that a destroyed stack has left nothing; needs --outputs, saved before",
    )
    .option("--only <id...>", "only these checks; * stands for anything")
    .option("--all-pairs", "try every node with every other, those of its own COE among them")
    .option("--list", "list the checks and do nothing")
    .option("--json", "print results and everything seen as JSON")
    .option("--wait <duration>", "go on until all checks pass, e.g. 60s")
    .option(
      "--watch [duration]",
      "look again and again, with this pause (default: 30s); tell what changes",
    )
    .option("--junit <file>", "write the results as JUnit XML, too")
    .option("--no-tables", "leave out the tables")
    .action(async (flags) => (await import("./verify.js")).run(flags));
}
