import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { withServicesOf } from "../speakers/calico/service-ranges";
import { type AnyCalicoObject, Calicoctl, calicoObject, readObjects, refOf } from "./calicoctl";
import { differences } from "./compare";

/** Input of the steps `calico-etcd` and `calico-etcd-delete`. */
export const calicoEtcdInput = z.strictObject({
  /** Endpoints of the etcd that is Calico's datastore. */
  etcdEndpoints: z.array(z.string()).min(1),
  /** One YAML document for each object, in the order to apply them. */
  objects: z.string(),
});

export type CalicoEtcdInput = z.infer<typeof calicoEtcdInput>;

/** What the step prints, and is given back by its next run. */
export const calicoEtcdResult = z.object({
  /** All objects, as `kind/name`. */
  objects: z.array(z.string()),
  /** Those that were not there before; only these are ever removed again. */
  created: z.array(z.string()),
  /** The others as they were before the first run; they are given back like that. Older versions did not keep them. */
  before: z.array(calicoObject).default([]),
  /** Whether the nodes have sessions with each other; the step `calico-mesh` ends them. */
  mesh: z.enum(["on", "off"]).default("off"),
});

export type CalicoEtcdResult = z.infer<typeof calicoEtcdResult>;

export interface StepOptions {
  /** Milliseconds for the datastore to answer. Default: 60000. */
  readonly timeoutMs?: number;
  /** Told what is done. */
  readonly say: (message: string) => void;
}

/** What the mesh is like after a run of the step. @param printed what it printed; older versions did not say it */
export function meshOf(printed: string | undefined): string {
  try {
    return z.object({ mesh: z.string() }).parse(JSON.parse(printed ?? "")).mesh;
  } catch {
    return "off";
  }
}

/**
 * Brings the objects into the datastore and reads them back. What is already as asked is not written again, and what
 * others have set beside that stays. The mesh stays as it is: another step ends it when the sessions are there. Objects
 * that an earlier run made and that are no longer asked for are removed last, so that a new pool is there before
 * the old one goes; only where their ranges overlap, which Calico refuses, the old one goes first.
 * @throws SeamlessError that names what differs.
 */
export async function applyCalico(
  input: CalicoEtcdInput,
  previous: CalicoEtcdResult | undefined,
  options: StepOptions,
): Promise<CalicoEtcdResult> {
  const calicoctl = new Calicoctl(input.etcdEndpoints);
  await reach(calicoctl, options.timeoutMs ?? 60_000, options.say);
  const planned = readObjects(input.objects);
  const refs = planned.map(refOf);
  const created = new Set(previous?.created.filter((ref) => refs.includes(ref)));
  const before = new Map(previous?.before.map((object) => [refOf(object), object]));
  const asked: AnyCalicoObject[] = [];
  const changed: AnyCalicoObject[] = [];
  const stored = await calicoctl.ofKinds(refs);
  for (const one of planned) {
    const ref = refOf(one);
    const found = stored.get(ref);
    if (found === undefined) created.add(ref);
    else if (!created.has(ref) && !before.has(ref) && previous?.objects.includes(ref) !== true)
      before.set(ref, bare(found));
    const others = created.has(ref) ? {} : (before.get(ref) ?? found)?.spec;
    const object = withServices(withoutMesh(one, found), others);
    asked.push(object);
    if (differencesOf(object, found).length > 0)
      changed.push({ ...object, spec: { ...others, ...object.spec } });
  }
  const stale = new Set(previous?.created.filter((ref) => !refs.includes(ref)));
  if (changed.length > 0) {
    options.say(`applying ${changed.map(refOf).join(", ")}`);
    await applyAround(calicoctl, changed, stale, options.say);
  }
  await readBack(calicoctl, asked);
  for (const ref of stale) {
    options.say(`removing ${ref}`);
    await calicoctl.delete(ref);
  }
  for (const [ref, object] of before) {
    if (refs.includes(ref)) continue;
    options.say(`giving back ${ref}`);
    await calicoctl.apply([object]);
    before.delete(ref);
  }
  return {
    objects: [...refs],
    created: refs.filter((ref) => created.has(ref)),
    before: refs.flatMap((ref) => before.get(ref) ?? []),
    mesh: asked.some(({ spec }) => spec?.nodeToNodeMeshEnabled === true) ? "on" : "off",
  };
}

/** An object without what the datastore adds. */
function bare({ apiVersion, kind, metadata, spec }: AnyCalicoObject): AnyCalicoObject {
  const { name, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

/** The same object with the mesh as it is; Calico's default is that it is on. */
function withoutMesh(
  planned: AnyCalicoObject,
  found: AnyCalicoObject | undefined,
): AnyCalicoObject {
  if (planned.spec?.nodeToNodeMeshEnabled !== false) return planned;
  const { nodeToNodeMeshEnabled = true } = found?.spec ?? {};
  return { ...planned, spec: { ...planned.spec, nodeToNodeMeshEnabled } };
}

/** Ranges of services that were announced before stay announced. */
function withServices(
  object: AnyCalicoObject,
  before: Readonly<Record<string, unknown>> | undefined,
): AnyCalicoObject {
  if (object.kind !== "BGPConfiguration") return object;
  return { ...object, spec: withServicesOf(object.spec ?? {}, before) };
}

/** Applies objects; an old pool of ours that is in the way of a new one is removed before. */
async function applyAround(
  calicoctl: Calicoctl,
  objects: readonly AnyCalicoObject[],
  stale: Set<string>,
  say: StepOptions["say"],
): Promise<void> {
  // Each failure removes one pool that was in the way.
  for (;;) {
    try {
      await calicoctl.apply(objects);
      return;
    } catch (thrown) {
      const overlap = /overlaps with IPPool\(([^)]+)\)/.exec(String(thrown))?.[1];
      const ref = `IPPool/${overlap}`;
      if (!stale.delete(ref)) throw thrown;
      say(`removing ${ref}, whose range overlaps the new one`);
      await calicoctl.delete(ref);
    }
  }
}

/** @throws SeamlessError that lists every field that is not as asked. */
export async function readBack(
  calicoctl: Calicoctl,
  asked: readonly AnyCalicoObject[],
): Promise<void> {
  const stored = await calicoctl.ofKinds(asked.map(refOf));
  const lines = asked.flatMap((object) => differencesOf(object, stored.get(refOf(object))));
  if (lines.length > 0) {
    throw new SeamlessError(
      `Calico's datastore does not hold what was applied:\n${lines.join("\n")}`,
    );
  }
}

function differencesOf(
  asked: AnyCalicoObject,
  found: AnyCalicoObject | undefined,
): readonly string[] {
  if (found === undefined) return [`${refOf(asked)}: asked for, not found`];
  return differences(asked.spec ?? {}, found.spec ?? {}, "spec").map(
    (line) => `${refOf(asked)} ${line}`,
  );
}

/**
 * Gives back what was there before, and removes what the step made, in reverse: nodes have their sessions with each other
 * again before those with the reflectors go. A datastore that does not answer is taken to be gone, for the hosts may
 * have been removed by hand; what would be left behind is said.
 */
export async function deleteCalico(
  input: CalicoEtcdInput,
  previous: CalicoEtcdResult | undefined,
  options: StepOptions,
): Promise<void> {
  if (previous === undefined) return;
  const before = new Map(previous.before.map((object) => [refOf(object), object]));
  const created = new Set(previous.created);
  const refs = previous.objects.filter((ref) => created.has(ref) || before.has(ref)).reverse();
  if (refs.length === 0) return;
  const calicoctl = new Calicoctl(input.etcdEndpoints);
  try {
    await reach(calicoctl, options.timeoutMs ?? 15_000, options.say);
  } catch (thrown) {
    options.say(`left as they are, if they are still there: ${refs.join(", ")}: ${String(thrown)}`);
    return;
  }
  for (const ref of refs) {
    const object = before.get(ref);
    options.say(object === undefined ? `removing ${ref}` : `giving back ${ref}`);
    if (object === undefined) await calicoctl.delete(ref);
    else await calicoctl.apply([object]);
  }
  options.say(await readBackGone(calicoctl, refs, before));
}

/** What the datastore itself says after a destroy, in one line. */
async function readBackGone(
  calicoctl: Calicoctl,
  refs: readonly string[],
  before: ReadonlyMap<string, AnyCalicoObject>,
): Promise<string> {
  const wrong: string[] = [];
  const stored = await calicoctl.ofKinds(refs);
  for (const ref of refs) {
    const [object, found] = [before.get(ref), stored.get(ref)];
    if (object !== undefined) wrong.push(...differencesOf(object, found));
    else if (found !== undefined) wrong.push(`${ref}: still there`);
  }
  const given = refs.filter((ref) => before.has(ref)).length;
  return wrong.length === 0
    ? `read back: ${refs.length - given} objects are gone, ${given} are as they were found`
    : `read back, and not as it should be: ${wrong.join("; ")}`;
}

/** Waits until the datastore answers. @throws SeamlessError when it does not */
export function reach(
  calicoctl: Calicoctl,
  timeoutMs: number,
  say: StepOptions["say"],
): Promise<void> {
  const what = "Calico's datastore";
  return waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
    const seen = await calicoctl.unreachable();
    return seen === undefined ? { done: true, value: undefined } : { done: false, seen };
  });
}
