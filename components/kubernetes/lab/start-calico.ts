import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import type { StartContext } from "../../../lab/contract";
import { familiesOfCoe } from "../../../plan/one-family";
import { calicoAsset } from "../../speakers/calico/lab/files";
import { adaptManifest } from "./manifest";
import { applyManifest, startCluster } from "./start";

/** Starts a cluster, and installs Calico as its own manifest does. */
export async function startKubernetes(context: StartContext): Promise<void> {
  await startCluster(context, async (kubectl) => {
    context.say("installing Calico");
    const manifest = adaptManifest(
      loadAll(readFileSync(calicoAsset("manifests", "calico.yaml"), "utf8")),
      familiesOfCoe(context.coe).includes(6),
    );
    await applyManifest(kubectl, "Calico", manifest);
  });
}
