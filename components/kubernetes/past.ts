/** What joining overwrites of objects that were there before: it is read first, and given back at the end. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { podRanges } from "../../util/ranges";
import type { Kubectl } from "../cluster/kubectl";
import {
  type KubernetesObject,
  madeByOthers,
  madeByStack,
  managersBesideUs,
  optional,
} from "../cluster/objects";
import { ipPools, isAdopted } from "../speakers/calico/pools";
import { serviceFields } from "../speakers/calico/service-ranges";
import type { CalicoPlan } from "../speakers/calico/types";
import { patchForce } from "./objects";

const fields = z.record(z.string(), z.unknown());

/** Fields of specifications as they were; null where they were not set. */
export const pastSchema = z.object({
  /** Of adopted pools, by name. */
  pools: z.record(z.string(), fields).default({}),
  /** Of the BGPConfiguration `default`; absent where there was none. */
  bgp: fields.exactOptional(),
});

export type Past = z.output<typeof pastSchema>;

const group = "crd.projectcalico.org";

/** What is written into an adopted pool. */
const poolFields = ["disabled", "ipipMode", "natOutgoing", "vxlanMode"];

/** What may be written into the BGPConfiguration. */
const bgpFields = ["asNumber", "nodeToNodeMeshEnabled", ...serviceFields];

/**
 * Reads what there is to give back. What an earlier look has told stays as it was told then, for the cluster is joined
 * since; a field that only a stack of ours has set counts as not set.
 */
export async function readPast(
  kubectl: Kubectl,
  plan: CalicoPlan,
  earlier: Past | undefined,
): Promise<Past> {
  const pools = ipPools(plan);
  const names = podRanges(plan)
    .filter((range) => isAdopted(plan, range))
    .flatMap((range) => pools[range]?.metadata.name ?? []);
  const get = (what: string, name: string) =>
    optional(kubectl, [`${what}.${group}`, name, "--show-managed-fields"]);
  const adopted = await Promise.all(names.map((name) => get("ippools", name)));
  const [configuration] = await get("bgpconfigurations", "default");
  const bgp = configuration === undefined ? undefined : valuesOf(configuration, bgpFields);
  const seen = adopted
    .flat()
    .map((pool) => [pool.metadata.name, valuesOf(pool, poolFields)] as const);
  return {
    pools: { ...Object.fromEntries(seen), ...earlier?.pools },
    ...(earlier === undefined ? (bgp === undefined ? {} : { bgp }) : bgpOf(earlier)),
  };
}

const bgpOf = ({ bgp }: Past): Pick<Past, "bgp"> => (bgp === undefined ? {} : { bgp });

function valuesOf(object: KubernetesObject, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => [name, madeByOthers(object, name) ? (object.spec[name] ?? null) : null]),
  );
}

/** As the step prints it; empty where there is nothing to give back. */
export function renderPast(past: Past): string {
  const nothing = Object.keys(past.pools).length === 0 && past.bgp === undefined;
  return nothing ? "" : `${JSON.stringify(past)}\n`;
}

/** What the step has printed. */
export function parsePast(text: string): Past | undefined {
  return text.trim() === "" ? undefined : pastSchema.parse(JSON.parse(text));
}

/** What gives the cluster its values back, as arguments of kubectl; an object that is gone needs none. */
export function giveBackCommands({ pools, bgp }: Past): string[][] {
  const patch = (what: string, name: string, changes: object) => [
    ...["patch", `${what}.${group}`, name, "--type=merge", "--field-manager=seamless-give-back"],
    ...["--patch", JSON.stringify(changes)],
  ];
  const metadata = { annotations: { [patchForce]: null } };
  return [
    // Routes of the cluster's own making come first, for the reflector's go after this.
    ...(bgp === undefined ? [] : [patch("bgpconfigurations", "default", { spec: bgp })]),
    ...Object.entries(pools).map(([name, spec]) => patch("ippools", name, { metadata, spec })),
  ];
}

/** What the API itself says after a destroy, in one line: whether what was given back is as it was found. */
export async function readBack(kubectl: Kubectl, { pools, bgp }: Past): Promise<string> {
  const given = [
    ...(bgp === undefined ? [] : [["bgpconfigurations", "default", bgp] as const]),
    ...Object.entries(pools).map(([name, spec]) => ["ippools", name, spec] as const),
  ];
  const wrong: string[] = [];
  for (const [what, name, was] of given) {
    const [found] = await optional(kubectl, [`${what}.${group}`, name]);
    if (found === undefined) wrong.push(`${what} ${name} is gone`);
    else
      for (const [field, value] of Object.entries(was))
        if (!isDeepStrictEqual(found.spec[field] ?? null, value))
          wrong.push(
            `${what} ${name} has ${field} ${JSON.stringify(found.spec[field] ?? null)} instead of ${JSON.stringify(value)}`,
          );
  }
  const names = given.map(([what, name]) => `${what} ${name}`).join(", ");
  return wrong.length === 0
    ? `read back: ${names}: as found before joining`
    : `read back, and not as found before joining: ${wrong.join("; ")}`;
}

/** What takes the stack out of those who have set a pool's fields; undefined where it is not among them. */
export async function disownCommand(kubectl: Kubectl, name: string): Promise<string[] | undefined> {
  const what = `ippools.${group}`;
  const [pool] = await optional(kubectl, [what, name, "--show-managed-fields"]);
  if (pool === undefined || !madeByStack(pool)) return undefined;
  const path = "/metadata/managedFields";
  const operation = { op: "replace", path, value: managersBesideUs(pool) };
  return ["patch", what, name, "--type=json", "--patch", JSON.stringify([operation])];
}
