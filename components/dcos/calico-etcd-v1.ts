import { parse } from "yaml";
import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { type V1Document, v1Document, v1Ref } from "../speakers/calico/documents-v1";
import type { StepOptions } from "./calico-etcd";
import { CalicoctlV1, type V1Setting } from "./calicoctl-v1";
import { differences } from "./compare";

/** Input of the steps `calico-etcd-v1` and `calico-etcd-v1-delete`. */
export const calicoEtcdV1Input = z.strictObject({
  /** Endpoints of the etcd that is Calico's datastore; its v2 API has to be on. */
  etcdEndpoints: z.array(z.string()).min(1),
  /** A YAML list of documents, in the order to apply them. */
  documents: z.string(),
  /** The AS of the nodes. */
  asNumber: z.number(),
  /** Whether the nodes are to have sessions with each other. Absent: that stays as it is. */
  nodeToNodeMesh: z.literal("on").exactOptional(),
});

export type CalicoEtcdV1Input = z.infer<typeof calicoEtcdV1Input>;

/** What the step prints, and is given back by its next run. */
export const calicoEtcdV1Result = z.object({
  /** All objects, as `kind/name`. */
  objects: z.array(z.string()),
  /** Those that were not there before, whole; only these are ever removed again. */
  created: z.array(v1Document),
  /** The settings as they were before the first run; they are put back at the end. */
  settings: z.object({ asNumber: z.string(), nodeToNodeMesh: z.string() }),
  /** Whether the nodes have sessions with each other; the step `calico-v1-mesh` ends them. */
  mesh: z.enum(["on", "off"]).default("off"),
});

export type CalicoEtcdV1Result = z.infer<typeof calicoEtcdV1Result>;

const documentList = z.array(v1Document);

/**
 * Brings the documents into the datastore and reads them back; then the AS is set. What is already as asked is not
 * written again. The mesh stays as it is, unless it is asked for: another step ends it when the sessions are there.
 * @throws SeamlessError that names what differs, or what to do about the program
 */
export async function applyCalicoV1(
  input: CalicoEtcdV1Input,
  previous: CalicoEtcdV1Result | undefined,
  options: StepOptions,
  calicoctl = new CalicoctlV1(input.etcdEndpoints),
): Promise<CalicoEtcdV1Result> {
  const minor = await calicoctl.checkVersion();
  await reach(calicoctl, options.timeoutMs ?? 60_000, options.say);
  const asked = documentList.parse(parse(input.documents)).map((one) => readableBy(minor, one));
  const refs = asked.map(v1Ref);
  const found = await stored(calicoctl);
  const made = new Set(previous?.created.map(v1Ref));
  const created = asked.filter((one) => made.has(v1Ref(one)) || !found.has(v1Ref(one)));
  const changed = asked.filter((one) => differencesOf(one, found).length > 0);
  if (changed.length > 0) {
    options.say(`applying ${changed.map(v1Ref).join(", ")}`);
    await calicoctl.apply(changed);
  }
  const { asNumber, nodeToNodeMesh } = input;
  const settings: [V1Setting, string][] = [["asNumber", String(asNumber)]];
  if (nodeToNodeMesh !== undefined) settings.push(["nodeToNodeMesh", nodeToNodeMesh]);
  const before = await setAll(calicoctl, settings, options.say);
  await readBack(calicoctl, asked);
  for (const one of previous?.created ?? []) {
    if (refs.includes(v1Ref(one))) continue;
    options.say(`removing ${v1Ref(one)}`);
    await calicoctl.delete(one);
  }
  const mesh = before.nodeToNodeMesh === "off" ? "off" : "on";
  return { objects: refs, created, settings: previous?.settings ?? before, mesh };
}

/** libcalico-go 1.7.0 and calicoctl 1.6 were the first that know a policy's types; before them its rules tell. */
const typesSince = 6;

function readableBy(minor: number, document: V1Document): V1Document {
  if (minor >= typesSince || document.kind !== "policy") return document;
  return { ...document, spec: { ...document.spec, types: [] } };
}

/** @returns the values as they were before */
async function setAll(
  calicoctl: CalicoctlV1,
  values: readonly (readonly [V1Setting, string])[],
  say: StepOptions["say"],
): Promise<Record<V1Setting, string>> {
  const before = {
    asNumber: await calicoctl.setting("asNumber"),
    nodeToNodeMesh: await calicoctl.setting("nodeToNodeMesh"),
  };
  for (const [name, value] of values) {
    if (before[name] === value) continue;
    say(`setting ${name} to ${value}, which was ${before[name]}`);
    await calicoctl.set(name, value);
    const now = await calicoctl.setting(name);
    if (now !== value)
      throw new SeamlessError(
        `Calico's datastore does not hold what was set: ${name}: asked ${value}, found ${now}`,
      );
  }
  return before;
}

async function stored(calicoctl: CalicoctlV1): Promise<ReadonlyMap<string, V1Document>> {
  const found = new Map<string, V1Document>();
  for (const kind of ["ipPool", "bgpPeer", "policy", "profile"] as const) {
    for (const one of await calicoctl.list(kind)) found.set(v1Ref(one), one);
  }
  return found;
}

/** @throws SeamlessError that lists every field that is not as asked. */
async function readBack(calicoctl: CalicoctlV1, asked: readonly V1Document[]): Promise<void> {
  const found = await stored(calicoctl);
  const lines = asked.flatMap((one) => differencesOf(one, found));
  if (lines.length === 0) return;
  throw new SeamlessError(
    `Calico's datastore does not hold what was applied:\n${lines.join("\n")}`,
  );
}

function differencesOf(
  asked: V1Document,
  found: ReadonlyMap<string, V1Document>,
): readonly string[] {
  const ref = v1Ref(asked);
  const there = found.get(ref);
  if (there === undefined) return [`${ref}: asked for, not found`];
  return differences(asked.spec, there.spec, "spec").map((line) => `${ref} ${line}`);
}

/**
 * Puts the settings back, and then removes what the step made, in reverse: nodes have their sessions with each other
 * again before those with the reflectors go. A datastore that does not answer is taken to be gone, for the hosts may
 * have been removed by hand; what would be left behind is said.
 */
export async function deleteCalicoV1(
  input: CalicoEtcdV1Input,
  previous: CalicoEtcdV1Result | undefined,
  options: StepOptions,
  calicoctl = new CalicoctlV1(input.etcdEndpoints),
): Promise<void> {
  if (previous === undefined) return;
  const created = [...previous.created].reverse();
  await calicoctl.checkVersion();
  try {
    await reach(calicoctl, options.timeoutMs ?? 15_000, options.say);
  } catch (thrown) {
    const left = created.map(v1Ref).join(", ") || "the settings";
    options.say(`left as they are, if they are still there: ${left}: ${String(thrown)}`);
    return;
  }
  const { asNumber, nodeToNodeMesh } = previous.settings;
  await setAll(
    calicoctl,
    [
      ["nodeToNodeMesh", nodeToNodeMesh],
      ["asNumber", asNumber],
    ],
    options.say,
  );
  for (const one of created) {
    options.say(`removing ${v1Ref(one)}`);
    await calicoctl.delete(one);
  }
}

function reach(calicoctl: CalicoctlV1, timeoutMs: number, say: StepOptions["say"]): Promise<void> {
  const what = "Calico's datastore";
  return waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
    const seen = await calicoctl.unreachable();
    return seen === undefined ? { done: true, value: undefined } : { done: false, seen };
  });
}
