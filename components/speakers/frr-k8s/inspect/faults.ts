import type { CoePlan } from "../../../../plan/types";
import type { ObjectFault, ObjectGroup } from "../../../ask/types";
import { frrNamespaceOf } from "../../../cluster/model/frr-namespace";
import type { Finding } from "../../calico/inspect/finding";
import type { FRRConfiguration } from "../types";
import { frrFindings } from "./findings";
import type { FrrClusterState } from "./state";

const putBack = "run: pulumi up --refresh";

/** In what FRR-K8s of a cluster differs from the plan once it has joined. */
export function frrFaults(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  seen: FrrClusterState,
): ObjectFault[] {
  return frrObjectFaults(coe, objects, seen, frrFindings(coe, objects, seen));
}

/** The same with what else an inspection has found. */
export function frrObjectFaults(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  seen: FrrClusterState,
  findings: readonly Finding[],
): ObjectFault[] {
  return [
    ...findings.filter(({ level }) => level === "blocks").map(faultOf),
    ...objects.flatMap((object) => objectFault(object, seen)),
    ...resultFaults(coe, seen),
  ];
}

function groupOf(id: string): ObjectGroup {
  if (id.startsWith("node/")) return "nodes";
  return id.startsWith("frrconfiguration/") ? "peers" : "agents";
}

function faultOf({ id, found: text, effect, advice = putBack }: Finding): ObjectFault {
  const [found = "", planned] = text.split("; the plan ");
  const expected = planned === undefined ? "as the plan has it" : `the plan ${planned}`;
  return { ...{ group: groupOf(id), object: id, found }, expected, effect, remedy: advice };
}

function objectFault({ metadata, spec }: FRRConfiguration, seen: FrrClusterState): ObjectFault[] {
  const { name, namespace } = metadata;
  const found = seen.configurations.find((one) => one.name === name && one.namespace === namespace);
  const fault = {
    ...{ group: "peers" as const, object: `FRRConfiguration/${name}` },
    ...{ expected: "as the plan has it", remedy: putBack },
  };
  if (found === undefined)
    return [{ ...fault, found: "not there", effect: "its node has no session" }];
  const where = difference(found.spec, spec, "spec");
  return where === undefined
    ? []
    : [
        {
          ...fault,
          found: `${where.path} is ${where.found}`,
          expected: where.expected,
          effect: "the node's sessions, or what it takes and sends by them, are not the plan's",
        },
      ];
}

interface Difference {
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** The first place where what is stored does not say what it should; fields that the API has filled in do not count. */
export function difference(found: unknown, wanted: unknown, path: string): Difference | undefined {
  const here = () => ({ path, found: textOf(found), expected: textOf(wanted) });
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return here();
    return firstOf(wanted.map((one, at) => difference(found[at], one, `${path}[${at}]`)));
  }
  if (!isMap(wanted)) return found === wanted ? undefined : here();
  if (!isMap(found)) return here();
  return firstOf(
    Object.entries(wanted).map(([key, value]) => difference(found[key], value, `${path}.${key}`)),
  );
}

function firstOf(all: readonly (Difference | undefined)[]): Difference | undefined {
  return all.find((one) => one !== undefined);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return value === undefined ? "not there" : JSON.stringify(value);
}

/** What FRR-K8s itself has against what it was told, by node. */
function resultFaults(coe: CoePlan, { results }: FrrClusterState): ObjectFault[] {
  return Object.values(coe.nodes).flatMap(({ name, speaker }): ObjectFault[] => {
    const result = results[name];
    if (!speaker || result === undefined) return [];
    const bad = [
      { what: "lastConversionResult", text: result.conversion },
      { what: "lastReloadResult", text: result.reload },
    ].filter(({ text }) => text !== "" && text !== "success");
    return bad.map(({ what, text }) => ({
      ...{ group: "agents" as const, object: `FRRNodeState/${name}` },
      found: `${what}: ${(text.split("\n")[0] ?? "").slice(0, 300)}`,
      expected: `${what}: success`,
      effect: "the node goes on with its configuration of before, or with a part of the new one",
      remedy: `look at all FRRConfigurations in ${frrNamespaceOf(coe)}, and at the log of FRR-K8s on ${name}`,
    }));
  });
}
