import type { CoeContainer, IpamBlock } from "../../../components/ask/types";
import { checksOf } from "../../../verify/checks";
import type { Observation, Verdict } from "../../../verify/types";
import { brief, healthy, ok, plan, pod, podBlock } from "./fixture";

/* What is judged by the COEs' own word. */

export function judge(id: string, seen: Observation): Verdict {
  const check = checksOf(plan).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.judge(seen);
}

export const verdict = (id: string, seen: Observation) => brief(judge(id, seen));
export const found = (id: string, seen: Observation) => judge(id, seen).found;
export const blocks = (...kubernetes: IpamBlock[]): Observation => ({
  ...healthy,
  blocks: { ...healthy.blocks, kubernetes: ok("ipamblocks", kubernetes) },
});
export const containers = (...kubernetes: CoeContainer[]): Observation => ({
  ...healthy,
  containers: { ...healthy.containers, kubernetes: ok("pods", kubernetes) },
});

export const worker = "kubernetes/worker-1";
export const address = (text: string, holder: string) => ({ address: text, holder, node: worker });
export const podOf = (name: string, text: string, node = worker) => ({ name, node, address: text });
export const own: IpamBlock = {
  cidr: podBlock,
  owners: [worker],
  addresses: [address(pod.address, pod.name), address("192.168.7.9", "shop/web")],
};
