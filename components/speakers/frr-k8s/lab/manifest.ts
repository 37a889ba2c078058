import { SeamlessError } from "../../../../util/errors";
import { isRecord } from "../../../../util/json";
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
    .map((one) => at(at(at(one, "spec"), "template"), "spec"));
  const containers = pods.flatMap((pod) => [...list(pod.initContainers), ...list(pod.containers)]);
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

function at(value: Json, key: string): Json {
  const inner = value[key];
  return isRecord(inner) ? inner : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
