import { existsSync, readdirSync } from "node:fs";
import { readStackConfig } from "../../components/kinds/planning";
import type { ReadNodes } from "../../config";
import type { Config } from "../../config/types";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { askForNodes } from "../nodes";
import { warn } from "../warn";

export interface ConfigFlags {
  readonly stack: string;
  readonly config?: string;
}

/** The configuration file that the flags mean. */
export function configFile(flags: ConfigFlags): string {
  return flags.config ?? `Pulumi.${flags.stack}.yaml`;
}

/**
 * The configuration file that the flags mean, which is there.
 * @throws SeamlessError, with the stacks that have a file, when it is not
 */
export function existingConfigFile(flags: ConfigFlags): string {
  const file = configFile(flags);
  if (existsSync(file)) return file;
  throw new SeamlessError(`${file}: no such file; ${otherFiles(flags)}`, exitCode.usage);
}

function otherFiles({ config }: ConfigFlags): string {
  if (config !== undefined) return "allowed: the file of a stack, such as Pulumi.prod.yaml";
  const stacks = readdirSync(".")
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort();
  return stacks.length === 0
    ? `${process.cwd()} has no file of any stack: change to the folder of the project, or name a file with --config`
    : `allowed: --stack with ${stacks.join(", ")}, or --config with a file`;
}

type Question = Parameters<ReadNodes>;
type Nodes = ReturnType<ReadNodes>;

/** Nodes that have to be asked for before the configuration can be read to its end. */
class Unanswered extends Error {
  constructor(readonly question: Question) {
    super("the cluster has not been asked yet");
  }
}

/** The configuration that the flags mean. */
export async function readConfig(flags: ConfigFlags): Promise<Config> {
  const file = existingConfigFile(flags);
  return withNodes((readNodes) => readStackConfig(file, { readNodes, warn }));
}

/**
 * Reads what names clusters for their nodes. Clusters are asked for their nodes by this process, which an interrupt can end
 * with all that it has started; a program of Pulumi has to wait for another one.
 */
export async function withNodes<T>(parse: (read: ReadNodes) => T): Promise<T> {
  const answers = new Map<string, Nodes>();
  const read: ReadNodes = (...question) => {
    const answer = answers.get(question[0]);
    if (answer === undefined) throw new Unanswered(question);
    return answer;
  };
  for (;;) {
    try {
      return parse(read);
    } catch (thrown) {
      if (!(thrown instanceof Unanswered)) throw thrown;
      answers.set(thrown.question[0], await ask(thrown.question));
    }
  }
}

async function ask([coe, kind, access]: Question): Promise<Nodes> {
  try {
    return await askForNodes(coe, kind, access);
  } catch (thrown) {
    const usage = thrown instanceof SeamlessError && thrown.code === exitCode.usage;
    throw new SeamlessError(
      `coes.${coe}.nodes: fromCluster: ${messageOf(thrown)}`,
      usage ? exitCode.usage : exitCode.nothingToCheck,
      { cause: thrown },
    );
  }
}
