import type { z } from "zod";
import { SeamlessError } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import type { RemoteHost } from "../ask/host";

/** Runs a program on a node as root. @throws SeamlessError where it could not be run */
export type OnNode = (node: string, argv: readonly string[]) => Promise<ExecResult>;

/** By name of the node, the hosts. */
export function onHosts(hosts: Readonly<Record<string, RemoteHost>>): OnNode {
  return async (node, argv) => {
    const host = hosts[node];
    if (host === undefined) throw new SeamlessError(`${node}: no way to run a program there`);
    return host.run(argv);
  };
}

/** A program on a node that did not end well, with what it said. */
export class DockerRefusal extends SeamlessError {
  constructor(
    readonly node: string,
    args: readonly string[],
    readonly said: string,
  ) {
    super(`${node}: docker ${args.join(" ")}: ${said}`);
  }
}

/** Asks the Docker daemon of one node by its own client there. */
export class NodeDocker {
  constructor(
    private readonly run: OnNode,
    readonly node: string,
  ) {}

  /** @throws DockerRefusal with what docker said */
  async text(...args: readonly string[]): Promise<string> {
    const result = await this.run(this.node, ["docker", ...args]);
    if (result.code === 0) return result.stdout;
    throw new DockerRefusal(this.node, args, whySaid(result));
  }

  /** What `docker ... --format {{json .}}` prints: one value on each line. */
  async lines<T>(shape: z.ZodType<T>, ...args: readonly string[]): Promise<T[]> {
    const said = await this.text(...args, "--format", "{{json .}}");
    return said
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => shape.parse(JSON.parse(line)));
  }

  /**
   * Everything of a sort, as the daemon has it: `docker <sort> inspect` of all that it lists. What has gone between the two
   * is an error to Docker, so that they are asked again then.
   */
  async inspectAll<T>(shape: z.ZodType<T>, sort: string, ...filter: string[]): Promise<T[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.inspectListed(shape, sort, filter);
      } catch (thrown) {
        const gone = thrown instanceof DockerRefusal && isGone(thrown.said);
        if (!gone || tries === mostTries) throw thrown;
      }
    }
  }

  private async inspectListed<T>(
    shape: z.ZodType<T>,
    sort: string,
    filter: readonly string[],
  ): Promise<T[]> {
    const flags = sort === "network" ? ["--no-trunc"] : [];
    const list = sort === "container" ? ["ps"] : [sort, "ls"];
    const ids = (await this.text(...list, "--quiet", ...flags, ...filter))
      .split("\n")
      .filter((id) => id !== "");
    // Without a name docker prints how it is used.
    return ids.length === 0 ? [] : this.lines(shape, sort, "inspect", ...ids);
  }
}

const mostTries = 5;

/** Whether Docker says that something is not there. */
export function isGone(said: string): boolean {
  return /not found|no such/i.test(said);
}

/** What a program said in the end, in one line. */
export function whySaid({ code, stdout, stderr, failure }: ExecResult): string {
  const text = stderr.trim() || stdout.trim();
  // The newer client adds how the run of a plugin ended.
  const lines = text.split("\n").filter((line) => !/^exit status \d+$/.test(line));
  return lines.at(-1) || failure || `exit code ${code}`;
}
