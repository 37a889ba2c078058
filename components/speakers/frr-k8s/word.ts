import type { CoePlan, Plan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import type { ObjectFault } from "../../ask/types";
import type { AgentPods } from "../../cluster/agents";
import { frrNamespaceOf } from "../../cluster/model/frr-namespace";
import { nodeBlocks } from "../../cluster/own-word";
import type { MakeWord } from "../../cluster/verify";
import type { KindProbe } from "../../contract/probe";
import { frrFaults } from "./inspect/faults";
import { readFrrCluster } from "./inspect/read";
import { askRunning, runningFaults } from "./inspect/running";
import { frrGroup } from "./names";
import type { FRRConfiguration } from "./types";

/** The container in which vtysh finds FRR's daemons; its pod shares the node's network. */
export function frrPods(coe: CoePlan): AgentPods {
  return { where: ["--namespace", frrNamespaceOf(coe)], container: "frr" };
}

/** What a cluster with FRR-K8s says of itself. @param objects that its FRR-K8s is configured by */
export function frrWord(
  objects: (plan: Plan, coe: string) => readonly FRRConfiguration[],
): MakeWord {
  return (coe, kubectl, run, beside) => {
    const asked = `${coe.name}: kubectl get frrconfigurations,frrnodestates,...`;
    return {
      blocks: () => nodeBlocks(coe, kubectl),

      async objects(plan) {
        try {
          const own = objects(plan, coe.name);
          const seen = await readFrrCluster(run);
          const value = [...frrFaults(coe, own, seen), ...(await runningOn(coe, own, beside))];
          return { ok: true, asked, value };
        } catch (thrown) {
          return { ok: false, asked, error: messageOf(thrown), unasked: true };
        }
      },

      async left(plan) {
        try {
          const { configurations } = await readFrrCluster(run);
          const faults = objects(plan, coe.name).flatMap(({ metadata }): ObjectFault[] => {
            const found = configurations.some(
              ({ name, namespace }) => name === metadata.name && namespace === metadata.namespace,
            );
            return found ? [remaining(metadata)] : [];
          });
          return { ok: true, asked, value: { faults, compared: [] } };
        } catch (thrown) {
          return { ok: false, asked, error: messageOf(thrown), unasked: true };
        }
      },
    };
  };
}

/** What FRR works with on each node; one that does not answer is told with its sessions. */
export async function runningOn(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  beside: KindProbe["besideSpeaker"],
): Promise<ObjectFault[]> {
  const nodes = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const found = await Promise.all(
    nodes.map(async ({ name }) => {
      const said = await beside(name, askRunning);
      return said.ok ? runningFaults(name, objects, said.value) : [];
    }),
  );
  return found.flat();
}

function remaining({ name, namespace }: FRRConfiguration["metadata"]): ObjectFault {
  return {
    ...{ group: "peers", object: `FRRConfiguration/${name}`, found: "still there" },
    expected: "not there",
    effect: "nodes go on dialling the reflectors of the stack that is gone",
    remedy: `kubectl delete --namespace ${namespace} frrconfigurations.${frrGroup} ${name}`,
  };
}
