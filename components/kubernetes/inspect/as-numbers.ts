import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Kubectl } from "../../cluster/kubectl";
import type { Finding } from "../../speakers/calico/inspect/finding";
import { bgpConfiguration } from "../../speakers/calico/objects";
import { bgpPeer } from "../../speakers/calico/peers";
import type { BGPConfiguration, BGPPeer, CalicoPlan } from "../../speakers/calico/types";
import { storedObject } from "../objects";

/** What fits in an int32, as the definitions of Calico up to 3.33 call an AS number (calico#13494). */
const largestInt32 = 2 ** 31 - 1;

/**
 * Has the API server try AS numbers that do not fit in an int32: whether it minds the definitions' format depends on its
 * version. Nothing is changed by it.
 */
export async function asNumberFindings(kubectl: Kubectl, plan: CalicoPlan): Promise<Finding[]> {
  const { apiVersion, kind, metadata, spec } = bgpConfiguration(plan);
  const objects: (BGPConfiguration | BGPPeer)[] = [
    { apiVersion, kind, metadata, spec: { asNumber: spec.asNumber, nodeToNodeMeshEnabled: false } },
    ...Object.values(plan.reflectors).map(bgpPeer),
  ];
  const findings: Finding[] = [];
  for (const object of objects) {
    if (object.spec.asNumber <= largestInt32) continue;
    const why = await refused(kubectl, object);
    if (why !== undefined) findings.push(finding(object, why));
  }
  return findings;
}

/** @returns what the API server says against an object; undefined when it takes it */
async function refused(
  kubectl: Kubectl,
  object: BGPConfiguration | BGPPeer,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "seamless-as-"));
  try {
    const file = join(folder, "object.yaml");
    await writeFile(file, stringify(storedObject(object)));
    const { code, stderr, failure } = await kubectl([
      ...["apply", "--server-side", "--dry-run=server", "--force-conflicts"],
      ...["--field-manager=seamless-inspect", "--filename", file],
    ]);
    return code === 0 ? undefined : (failure ?? stderr.trim().replaceAll(/\s+/g, " "));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function finding({ kind, metadata, spec }: BGPConfiguration | BGPPeer, why: string): Finding {
  const found = `AS ${spec.asNumber} for ${kind} ${metadata.name}: ${why}`;
  const id = `as/${kind}/${metadata.name}`;
  if (!why.includes("asNumber"))
    return {
      id,
      level: "notes",
      found,
      effect: `whether the API server takes a number above ${largestInt32} here could not be tried`,
    };
  return {
    id,
    level: "blocks",
    found,
    effect: "Calico's definitions call it an int32, so it cannot be applied (calico#13494)",
    advice: `apply the definitions of a Calico that has calico#13979, or plan an AS up to ${largestInt32}`,
  };
}
