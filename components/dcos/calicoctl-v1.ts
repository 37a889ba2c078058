import { stringify } from "yaml";
import type { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ExecResult, exec } from "../../util/exec";
import {
  type V1Document,
  type V1Kind,
  type V1Seen,
  v1Answer,
  v1Ref,
  v1SeenAnswer,
} from "../speakers/calico/documents-v1";

/** Names the environment variable with the path of calicoctl 1.x. Default: `calicoctl` on the PATH. */
export const calicoctlVariable = "SEAMLESS_CALICOCTL";

/** Settings that v1 has no documents for. */
export type V1Setting = "asNumber" | "nodeToNodeMesh";

const callTimeoutMs = 15_000;
/** Without a server calicoctl tries for longer than is of use. */
const reachTimeoutMs = 5_000;

/** calicoctl 1.x on an etcd v2 datastore; not part of the toolchain, as nothing of today runs with it. */
export class CalicoctlV1 {
  private readonly program: string;

  constructor(
    private readonly endpoints: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.program = env[calicoctlVariable] || "calicoctl";
  }

  private run(args: readonly string[], input = "", timeoutMs = callTimeoutMs): Promise<ExecResult> {
    return exec([this.program, ...args], {
      input,
      env: { ETCD_ENDPOINTS: this.endpoints.join(","), DATASTORE_TYPE: "etcdv2" },
      timeoutMs,
    });
  }

  private failure(what: string, result: ExecResult): SeamlessError {
    // It says how far it came on one stream and why it stopped on the other.
    const said = [result.failure, result.stdout.trim().replace(/:$/, ""), result.stderr.trim()];
    const why = said.filter((text) => text).join(": ") || `exit code ${result.code}`;
    return new SeamlessError(
      `${this.program} ${what} (datastore ${this.endpoints.join(", ")}): ${why.replaceAll("\n", " ")}`,
    );
  }

  /**
   * @returns the minor version, which decides what a document may say
   * @throws SeamlessError unless the program is there, and of version 1.x: others write v3 objects
   */
  async checkVersion(): Promise<number> {
    // The exit code says whether the datastore knows a cluster's version, too.
    const { stdout, stderr, failure } = await this.run(["version"], "", reachTimeoutMs);
    const found = /^(?:Client )?Version:\s*v?(\d+)\.(\S+)/m.exec(stdout);
    if (found?.[1] === "1") return Number.parseInt(found[2] ?? "0", 10);
    const what =
      found === null
        ? (failure ?? (`${stdout}${stderr}`.trim().replaceAll("\n", " ") || "it says nothing"))
        : `version ${found[1]}.${found[2]}`;
    throw new SeamlessError(
      `calicoApi v1 needs calicoctl 1.x, found at ${this.program}: ${what}; put the calicoctl of the cluster's own Calico 2.x on the PATH, or name it by ${calicoctlVariable}`,
      exitCode.usage,
    );
  }

  /** Why the datastore does not answer; undefined when it does. */
  async unreachable(): Promise<string | undefined> {
    const result = await this.run(["get", "ipPool", "-o", "json"], "", reachTimeoutMs);
    return result.code === 0 ? undefined : this.failure("get ipPool", result).message;
  }

  /** All objects of a kind. */
  list(kind: V1Kind): Promise<readonly V1Document[]> {
    return this.answer(kind, v1Answer);
  }

  /** All objects of a kind that is looked at only. */
  seen(kind: V1Seen["kind"]): Promise<readonly V1Seen[]> {
    return this.answer(kind, v1SeenAnswer);
  }

  private async answer<T>(kind: string, schema: z.ZodType<readonly T[]>): Promise<readonly T[]> {
    const result = await this.run(["get", kind, "-o", "json"]);
    if (result.code !== 0) throw this.failure(`get ${kind}`, result);
    const text = result.stdout.trim();
    if (text === "") return [];
    const answer = schema.safeParse(json(text));
    if (answer.success) return answer.data;
    throw this.failure(`get ${kind}`, { ...result, failure: "not an answer of calicoctl 1.x" });
  }

  /** Makes objects, or replaces what is there, in the order given. */
  async apply(documents: readonly V1Document[]): Promise<void> {
    const result = await this.run(["apply", "-f", "-"], stringify(documents.map(withoutNoTypes)));
    if (result.code !== 0) throw this.failure(`apply ${documents.map(v1Ref).join(", ")}`, result);
  }

  /** Removes an object; none is no error. A pool gives up its blocks only when nothing is assigned from it any more. */
  async delete(document: V1Document): Promise<void> {
    if (document.kind === "ipPool")
      await this.apply([{ ...document, spec: { ...document.spec, disabled: true } }]);
    const argv = ["delete", ...argumentsOf(document), "--skip-not-exists"];
    const result = await this.run(argv);
    if (result.code !== 0) throw this.failure(`delete ${v1Ref(document)}`, result);
  }

  /** The value of a setting, with Calico's default where none is set. */
  async setting(name: V1Setting): Promise<string> {
    const result = await this.run(["config", "get", name]);
    if (result.code !== 0) throw this.failure(`config get ${name}`, result);
    return result.stdout.trim();
  }

  async set(name: V1Setting, value: string): Promise<void> {
    const result = await this.run(["config", "set", name, value]);
    if (result.code !== 0) throw this.failure(`config set ${name} ${value}`, result);
  }
}

/** A policy that names no types, as calicoctl before 1.6 has to be given it: it refuses fields that it does not know. */
function withoutNoTypes(document: V1Document): object {
  if (document.kind !== "policy" || document.spec.types.length > 0) return document;
  const { types: _, ...spec } = document.spec;
  return { ...document, spec };
}

/** How a command line names an object ("calicoctl delete"). */
function argumentsOf(document: V1Document): readonly string[] {
  switch (document.kind) {
    case "ipPool":
      return ["ipPool", document.metadata.cidr];
    case "bgpPeer":
      return ["bgpPeer", document.metadata.peerIP, `--scope=${document.metadata.scope}`];
    default:
      return [document.kind, document.metadata.name];
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
