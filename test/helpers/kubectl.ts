import type { Kubectl } from "../../components/cluster/kubectl";

/** An object as a manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** What kubectl calls a kind: its plural, with the group where it has one. */
function resourceOf({ apiVersion, kind }: Manifest): string {
  const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : undefined;
  return [plural.toLowerCase(), group].filter(Boolean).join(".");
}

/** Kinds of Kubernetes itself, which are asked for without their group. */
const short = [
  "nodes",
  "daemonsets",
  "pods",
  "configmaps",
  "servicecidrs",
  "customresourcedefinitions",
];

/**
 * A kubectl that knows the given objects, for what reads manifests and needs no API; others are none. Real ones are asked
 * in test/daemons.
 */
export function kubectlOf(objects: readonly Manifest[]): Kubectl {
  return (args) => {
    const [, what = "", ...rest] = args;
    if (what === "--raw") return reply("", 1);
    const wanted = what.split(",");
    const flags = ["--namespace", "--selector", "-o"];
    const names = rest.filter(
      (one, index) => !one.startsWith("-") && !flags.includes(rest[index - 1] ?? ""),
    );
    const namespace = flagOf(rest, "--namespace");
    const found = objects.filter((one) => {
      const resource = resourceOf(one);
      const plain = resource.split(".")[0] ?? "";
      const known = wanted.includes(resource) || (short.includes(plain) && wanted.includes(plain));
      return (
        known &&
        (names.length === 0 || names.includes(one.metadata.name)) &&
        (namespace === undefined || one.metadata.namespace === namespace)
      );
    });
    if (flagOf(rest, "-o") === "name")
      return reply(found.map(({ metadata }) => `${what}/${metadata.name}\n`).join(""));
    const one = names.length === 1 ? found[0] : undefined;
    return reply(JSON.stringify(one ?? { kind: "List", items: found }));
  };
}

function flagOf(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}

function reply(stdout: string, code = 0) {
  return Promise.resolve({ code, stdout, stderr: "" });
}
