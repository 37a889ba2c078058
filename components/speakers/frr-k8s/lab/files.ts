import { join } from "node:path";
import { cacheDir } from "../../../../util/paths";

export const frrK8sVersion = "v0.0.25";

/** A file of FRR-K8s' own module, put into the cache by the toolchain: its reloader, manifests and definitions. */
export function frrK8sAsset(...path: readonly string[]): string {
  return join(cacheDir(), `frr-k8s-files-${frrK8sVersion}`, ...path);
}
