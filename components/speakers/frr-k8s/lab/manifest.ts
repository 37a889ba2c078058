import { SeamlessError } from "../../../../util/errors";
import { isRecord, recordAt, recordsIn } from "../../../../util/json";
import { frrTags } from "./images";

type Json = Record<string, unknown>;

/** FRR's own image, in whatever version the manifest names it. */
const upstream = /^quay\.io\/frrouting\/frr:/;

/**
 * FRR-K8s' manifest with the lab's FRR; nothing else of it is another.
 * @throws SeamlessError when it is not as expected
 */
export function adaptFrrManifest(documents: readonly unknown[]): Json[] {
  const objects = documents.filter(isRecord);
  const pods = objects
    .filter(({ kind }) => kind === "DaemonSet" || kind === "Deployment")
    .map((one) => recordAt(recordAt(recordAt(one, "spec"), "template"), "spec"));
  const containers = pods.flatMap((pod) => [
    ...recordsIn(pod.initContainers),
    ...recordsIn(pod.containers),
  ]);
  const frr = containers.filter(({ image }) => upstream.test(String(image)));
  for (const container of frr) container.image = frrTags.frr;
  const others = containers.map(({ image }) => String(image)).filter((image) => !isOurs(image));
  if (frr.length === 0 || others.length > 0)
    throw new SeamlessError(
      `FRR-K8s' manifest has images that the lab has not: found ${others.join(", ") || "no quay.io/frrouting/frr"}`,
    );
  return objects;
}

const isOurs = (image: string) => Object.values(frrTags).some((tag) => tag === image);
