import { z } from "zod";
import { messageOf } from "../../../util/errors";
import { listOf, nodeBlocks } from "../../cluster/own-word";
import type { MakeWord } from "../../cluster/verify";
import { objectFaults } from "../../speakers/calico/faults";
import { ipamBlocks } from "../../speakers/calico/ipam";
import { leftBehind } from "../../speakers/calico/left";
import { calicoPlan } from "../../speakers/calico/objects";
import { affinityFindings } from "../inspect/affinity";
import { compareCluster } from "../inspect/compare";
import { readCluster } from "../inspect/read";
import { storedObject } from "../objects";
import { parsePast } from "../past";
import { useAddon } from "./addons";

const records = z.object({
  items: z.array(z.looseObject({ kind: z.string(), spec: z.unknown() })),
});

/** The records of Calico's IPAM, as it keeps them in the Kubernetes API. */
const ipamKinds = "ipamblocks.crd.projectcalico.org,blockaffinities.crd.projectcalico.org";

/** What a cluster with Calico says of itself: the blocks of its IPAM, and Calico's objects. */
export const calicoWord: MakeWord = (coe, kubectl, run) => {
  const nodeOf = (name: string) => coe.nodes[name]?.id ?? name;

  return {
    addon: (name) => useAddon(name, coe, kubectl),

    async blocks() {
      const found = await listOf(kubectl, [ipamKinds], records);
      if (!found.ok) return found;
      const of = (kind: string) =>
        found.value.filter((one) => one.kind === kind).map(({ spec }) => spec);
      const value = ipamBlocks(
        { blocks: of("IPAMBlock"), affinities: of("BlockAffinity") },
        nodeOf,
      );
      return value.length > 0 ? { ...found, value } : nodeBlocks(coe, kubectl);
    },

    async objects(plan) {
      const asked = `${coe.name}: kubectl get ippools,bgppeers,...`;
      const calico = calicoPlan(plan, coe.name);
      try {
        const seen = await readCluster(run);
        const state = seen.calico;
        if (state === undefined) return { ok: false, asked, error: "no Calico in this cluster" };
        const findings = [
          ...compareCluster(coe, calico, seen),
          ...(await affinityFindings(run, coe)),
        ];
        const value = objectFaults({
          ...{ coe, plan: calico, state, findings, stored: storedObject },
          putBack: "run: pulumi up --refresh",
        });
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },

    async left(plan, printed) {
      const asked = `${coe.name}: kubectl get ippools,bgppeers,...`;
      try {
        const { calico: state } = await readCluster(run);
        if (state === undefined) return { ok: false, asked, error: "no Calico in this cluster" };
        const { inspect } = printed;
        const past = inspect === undefined ? undefined : (parsePast(inspect) ?? { pools: {} });
        const left = { coe, plan: calicoPlan(plan, coe.name), state, past };
        const value = leftBehind({ ...left, stored: storedObject });
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },
  };
};
