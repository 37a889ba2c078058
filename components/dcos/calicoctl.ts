import { parse, parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import { execTool } from "../../util/tool";

/** Any object of Calico's v3 API. */
export const calicoObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.record(z.string(), z.unknown()).optional(),
});

export type AnyCalicoObject = z.infer<typeof calicoObject>;

/** Names an object: `IPPool/192-168-128-0-17`. */
export function refOf(object: AnyCalicoObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

const callTimeoutMs = 15_000;
/** Without a server calicoctl tries for longer than is of use. */
const reachTimeoutMs = 5_000;

/** The real calicoctl on an etcd datastore. Certificates may be named by ETCD_CA_CERT_FILE and its like. */
export class Calicoctl {
  constructor(private readonly endpoints: readonly string[]) {}

  private run(args: readonly string[], input = "", timeoutMs = callTimeoutMs): Promise<ExecResult> {
    // Calico's agents may be older, as those of DC/OS itself are (3.14 at most); calicoctl would do nothing at all then.
    return execTool("calicoctl", [...args, "--allow-version-mismatch"], {
      input,
      env: { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: this.endpoints.join(",") },
      timeoutMs,
    });
  }

  private failure(what: string, result: ExecResult): SeamlessError {
    // It says how far it came on one stream and why it stopped on the other.
    const said = [result.failure, result.stdout.trim(), result.stderr.trim()];
    const why = said.filter((text) => text).join(": ") || `exit code ${result.code}`;
    return new SeamlessError(
      `calicoctl ${what} (datastore ${this.endpoints.join(", ")}): ${why.replaceAll("\n", " ")}`,
    );
  }

  /** Why the datastore does not answer; undefined when it does. */
  async unreachable(): Promise<string | undefined> {
    const result = await this.run(["get", "ippools", "-o", "json"], "", reachTimeoutMs);
    return result.code === 0 ? undefined : this.failure("get ippools", result).message;
  }

  /** The object as it is stored; undefined when there is none. */
  async get(ref: string): Promise<AnyCalicoObject | undefined> {
    const [kind = "", name = ""] = ref.split("/");
    const result = await this.run(["get", kind, name, "-o", "yaml"]);
    if (result.code === 0) return calicoObject.parse(parse(result.stdout));
    if (result.stderr.includes("resource does not exist")) return undefined;
    throw this.failure(`get ${kind} ${name}`, result);
  }

  /** All objects of the kinds that these name, by their own names: a call for each kind, however many there are. */
  async ofKinds(refs: readonly string[]): Promise<ReadonlyMap<string, AnyCalicoObject>> {
    const kinds = new Set(refs.map((ref) => ref.slice(0, ref.indexOf("/"))));
    const lists = await Promise.all([...kinds].map((kind) => this.list(kind)));
    return new Map(lists.flat().map((object) => [refOf(object), object]));
  }

  /** All objects of a kind, such as `ippools`. */
  async list(kinds: string, ...flags: readonly string[]): Promise<readonly AnyCalicoObject[]> {
    return this.items(kinds, await this.run(["get", kinds, ...flags, "-o", "json"]));
  }

  /** The same of a kind that an older calicoctl does not know: none then. @throws SeamlessError for any other failure */
  async listKnown(kinds: string): Promise<readonly AnyCalicoObject[]> {
    const result = await this.run(["get", kinds, "-o", "json"]);
    if (result.code !== 0 && result.stderr.includes(`resource type '${kinds}' is not supported`))
      return [];
    return this.items(kinds, result);
  }

  private items(kinds: string, result: ExecResult): readonly AnyCalicoObject[] {
    if (result.code !== 0) throw this.failure(`get ${kinds}`, result);
    return z.object({ items: z.array(calicoObject) }).parse(JSON.parse(result.stdout)).items;
  }

  /** The blocks of addresses that nodes have taken, with what is in use; calicoctl prints them for people only. */
  async blocks(): Promise<readonly { readonly cidr: string; readonly used: number }[]> {
    const result = await this.run(["ipam", "show", "--show-blocks"]);
    if (result.code !== 0) throw this.failure("ipam show --show-blocks", result);
    return [...result.stdout.matchAll(/^\| Block\s+\| (\S+)\s+\|[^|]*\|\s*(\d+)/gm)].map(
      ([, range = "", used]) => ({ cidr: range, used: Number(used) }),
    );
  }

  /** Makes objects, or replaces what is there, in the order given. */
  async apply(objects: readonly AnyCalicoObject[]): Promise<void> {
    const text = objects.map((object) => stringify(object)).join("---\n");
    const result = await this.run(["apply", "-f", "-"], text);
    if (result.code !== 0) throw this.failure(`apply ${objects.map(refOf).join(", ")}`, result);
  }

  /** Changes fields of an object that is there; null takes one away. */
  async patch(ref: string, change: object): Promise<void> {
    const [kind = "", name = ""] = ref.split("/");
    const result = await this.run(["patch", kind, name, `--patch=${JSON.stringify(change)}`]);
    if (result.code !== 0) throw this.failure(`patch ${kind} ${name}`, result);
  }

  /** Removes an object; none is no error. */
  async delete(ref: string): Promise<void> {
    const [kind = "", name = ""] = ref.split("/");
    const result = await this.run(["delete", kind, name, "--skip-not-exists"]);
    if (result.code !== 0) throw this.failure(`delete ${kind} ${name}`, result);
  }
}

/** The objects of a text with one YAML document for each. */
export function readObjects(text: string): readonly AnyCalicoObject[] {
  return parseAllDocuments(text).map((document) => calicoObject.parse(document.toJS()));
}
