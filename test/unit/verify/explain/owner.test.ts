import type { IpamBlock, ObjectFault } from "../../../../components/ask/types";
import type { Observation } from "../../../../verify/types";
import { ok, path, pod, podBlock, task, taskBlock } from "../fixture";
import {
  agent,
  explain,
  healthy,
  unlearned,
  verdict,
  withFault,
  withSpeaker,
  worker,
} from "./seen";

/** What is seen while the reflector lacks the block of the task. */
const unheld: Observation = {
  ...unlearned,
  rib: { reflector: ok("rib", [path(podBlock, worker.address)]) },
};

describe("the owner of the address", () => {
  const blocks = (...list: readonly IpamBlock[]): Observation => ({
    ...unheld,
    blocks: { ...healthy.blocks, dcos: ok("dcos: IPAM", list) },
  });
  const holder = { address: "192.168.130.67", holder: "web.1", node: agent.id };
  const block: IpamBlock = { cidr: taskBlock, owners: [agent.id], addresses: [holder] };

  test.each<[string, string, string]>([
    ["192.168.130.67", "still holds it for web.1", "held for a container that is gone"],
    ["192.168.130.68", "gives it to nobody", "free"],
  ])("%s: IPAM %s", (address, why) => {
    expect(verdict({ ...healthy, blocks: blocks(block).blocks }, "worker-1", address)).toBe(
      `
broken there at the owner of dcos: no container of dcos has ${address}
  why   IPAM of dcos ${why}
  mend  name a container that runs, such as seamless-probe.1 (192.168.130.66)`.trimStart(),
    );
  });

  test("a block of no node is announced by nobody, and all else follows", () => {
    expect(verdict(withSpeaker(blocks({ ...block, owners: [] }), agent.id, { exported: [] }))).toBe(
      `
broken there at the owner of dcos: 192.168.130.66 is seamless-probe.1 on dcos/agent-1; 192.168.130.64/26 belongs to no node
  why   IPAM of dcos says that nobody announces it
  so    fib of kubernetes/worker-1, rib of reflector, rib of dcos/agent-1
  mend  start the container again; its COE gives it an address of a block of its node`.trimStart(),
    );
  });

  test("a block of two nodes", () => {
    const both = blocks({ ...block, owners: [agent.id, "dcos/agent-2"] }).blocks;
    expect(verdict({ ...healthy, blocks: both })).toBe(
      `
broken there at the owner of dcos: 192.168.130.66 is seamless-probe.1 on dcos/agent-1; 192.168.130.64/26 belongs to dcos/agent-1 and dcos/agent-2
  why   both announce it, and packets go to either
  mend  take the block from the node that is not dcos/agent-1, in IPAM of dcos`.trimStart(),
    );
  });

  test("two containers with one address", () => {
    const twin = { ...task, name: "other.1", node: "dcos/agent-2" };
    const containers = { ...healthy.containers, dcos: ok("dcos: tasks", [task, twin]) };
    expect(verdict({ ...healthy, containers }, "worker-1", task.address)).toMatch(
      /^broken there at the owner of dcos: 192\.168\.130\.66 is seamless-probe\.1 on dcos\/agent-1 and other\.1 on dcos\/agent-2$/m,
    );
  });

  test("an address outside the ranges of its COE", () => {
    const stray = { ...task, name: "stray.1", address: "10.55.0.2" };
    const containers = { ...healthy.containers, dcos: ok("dcos: tasks", [task, stray]) };
    expect(verdict({ ...healthy, containers }, "worker-1", "stray.1")).toBe(
      `
broken there at the owner of dcos: 10.55.0.2 is outside 192.168.128.0/17, the ranges of dcos
  why   no node outside accepts or learns a route to it
  mend  give the container an address of 192.168.128.0/17, or add its range to coes.dcos.podCidr`.trimStart(),
    );
  });
});

describe("what the COEs' own objects say", () => {
  const fault = (group: ObjectFault["group"], object: string, found: string): ObjectFault => ({
    ...{ group, object, found, expected: "", effect: "what it does" },
    remedy: "remove it",
  });

  test.each(["dcos", "kubernetes"])("a policy of %s that denies", (coe) => {
    const denies = fault("policies", "GlobalNetworkPolicy planted", "it denies");
    expect(verdict(withFault(healthy, coe, denies))).toBe(
      `
broken there at the policy of ${coe}: GlobalNetworkPolicy planted: it denies
  why   what it does
  mend  remove it`.trimStart(),
    );
  });

  test("a pool that translates", () => {
    const pool = fault("pools", "pool 192-168-0-0-17", "natOutgoing is on");
    expect(verdict(withFault(healthy, "kubernetes", pool))).toMatch(
      /^broken there at the nat of kubernetes: pool 192-168-0-0-17: natOutgoing is on$/m,
    );
    // It is about packets that leave its own containers.
    expect(
      explain(withFault(healthy, "kubernetes", pool), task.name, pod.name).broken,
    ).toMatchObject({
      direction: "back",
    });
  });
});
