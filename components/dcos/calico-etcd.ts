import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { type AnyCalicoObject, Calicoctl, readObjects, refOf } from "./calicoctl";
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
});

export type CalicoEtcdResult = z.infer<typeof calicoEtcdResult>;

export interface StepOptions {
  /** Milliseconds for the datastore to answer. Default: 60000. */
  readonly timeoutMs?: number;
  /** Told what is done. */
  readonly say: (message: string) => void;
}

/**
 * Brings the objects into the datastore and reads them back. What is already as asked is not written again. Objects
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
  const asked = readObjects(input.objects);
  const refs = asked.map(refOf);
  const created = new Set(previous?.created.filter((ref) => refs.includes(ref)));
  const changed: AnyCalicoObject[] = [];
  for (const object of asked) {
    const found = await calicoctl.get(refOf(object));
    if (found === undefined) created.add(refOf(object));
    if (differencesOf(object, found).length > 0) changed.push(object);
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
  return { objects: [...refs], created: refs.filter((ref) => created.has(ref)) };
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
  const lines: string[] = [];
  for (const object of asked) {
    lines.push(...differencesOf(object, await calicoctl.get(refOf(object))));
  }
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
 * Removes what the step made, in reverse. A datastore that does not answer is taken to be gone, for the hosts may
 * have been removed by hand; what would be left behind is said.
 */
export async function deleteCalico(
  input: CalicoEtcdInput,
  previous: CalicoEtcdResult | undefined,
  options: StepOptions,
): Promise<void> {
  const refs = [...(previous?.created ?? [])].reverse();
  if (refs.length === 0) return;
  const calicoctl = new Calicoctl(input.etcdEndpoints);
  try {
    await reach(calicoctl, options.timeoutMs ?? 15_000, options.say);
  } catch (thrown) {
    options.say(`left as they are, if they are still there: ${refs.join(", ")}: ${String(thrown)}`);
    return;
  }
  for (const ref of refs) {
    options.say(`removing ${ref}`);
    await calicoctl.delete(ref);
  }
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
