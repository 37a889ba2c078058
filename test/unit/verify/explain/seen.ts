import type { Accepted, SpeakerSession, SpeakerState } from "../../../../components/ask/router";
import type { ObjectFault } from "../../../../components/ask/types";
import { routerTraits } from "../../../../components/kinds/traits";
import type { Plan } from "../../../../plan/types";
import { endOf } from "../../../../verify/explain/ends";
import { type Attempted, explainLive, liveNames } from "../../../../verify/explain/live";
import { renderExplanation } from "../../../../verify/explain/report";
import { sceneOf } from "../../../../verify/explain/scene";
import type { Explanation } from "../../../../verify/explain/types";
import { parseKernel } from "../../../../verify/kernel/parse";
import type { Observation } from "../../../../verify/types";
import { ok, plan, pod, podBlock, healthy as probed, task, taskBlock } from "../fixture";

export const worker = { id: "kubernetes/worker-1", address: "172.16.18.34" } as const;
export const agent = { id: "dcos/agent-1", address: "172.16.18.43" } as const;

/** What a node's kernel says, as the program that is run there prints it; by part, lines. */
type Parts = Readonly<Record<Part, readonly string[]>>;
const parts = ["routes", "rules", "links", "neighbours", "settings", "firewall nf_tables"] as const;
type Part = (typeof parts)[number];

function partsOf(
  own: string,
  cable: string,
  containers: string,
  block: string,
  via: string,
): Parts {
  return {
    routes: [
      "172.16.18.0/24 dev eth0 proto kernel scope link",
      `${containers} dev ${cable} scope link`,
      `${own} proto bird`,
      `${block} via ${via} dev eth0 proto bird`,
    ],
    rules: [
      ...["0:\tfrom all lookup local", "32766:\tfrom all lookup main"],
      "32767:\tfrom all lookup default",
    ],
    links: [
      `2: ${cable}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default \\    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netns cni-1`,
      "17: eth0@if18: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default \\    link/ether 02:42:ac:10:12:22 brd ff:ff:ff:ff:ff:ff link-netnsid 0",
    ],
    neighbours: [],
    settings: [
      ...["ip_forward 1", "conf/all/rp_filter 0", `conf/${cable}/forwarding 1`],
      ...["conf/eth0/forwarding 1", "conf/eth0/rp_filter 0", `conf/${cable}/rp_filter 0`],
      ...["conf/all/proxy_arp 0", `conf/${cable}/proxy_arp 1`],
    ],
    "firewall nf_tables": [
      ...["*filter", ":FORWARD ACCEPT [0:0]", ":cali-FORWARD - [0:0]"],
      '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD',
      "COMMIT",
    ],
  };
}

export const cables = { pod: "cali627bf1fad81", task: "cali22561750-9d" } as const;

const kernels: Readonly<Record<string, Parts>> = {
  [worker.id]: partsOf(
    ...(["blackhole 192.168.7.0/26", cables.pod, pod.address, taskBlock, agent.address] as const),
  ),
  [agent.id]: partsOf(
    ...([
      "blackhole 192.168.130.64/26",
      cables.task,
      task.address,
      podBlock,
      worker.address,
    ] as const),
  ),
};

function kernelOf(all: Parts, inside = "") {
  const text = parts.map((part) => [`@@ ${part}`, ...all[part], "@= 0", ""].join("\n")).join("\n");
  return parseKernel(text + inside);
}

/** The same with what a container says of its own network. */
export function withInside(
  id: string,
  address: string,
  routes: readonly string[],
  firewall: readonly string[] = [],
  changes: Readonly<Partial<Record<Part, Change>>> = {},
): Observation {
  const part = (name: string, lines: readonly string[]) =>
    `@@ inside ${address} ${name}\n${lines.join("\n")}\n@= 0\n`;
  const inside = part("routes", routes) + part("firewall iptables-nft-save", firewall);
  return withParts(id, changes, inside);
}

const reflector = "172.16.18.32";

function speaker(exported: string, imported: string, via: string): SpeakerState {
  const session: SpeakerSession = {
    ...{ name: "Global_172_16_18_32", address: reflector, asn: 64511 },
    ...{ state: "Established", imported: [{ prefix: imported, via }], exported: [exported] },
  };
  return { routerId: "", sessions: [session] };
}

/** The same with the session of one node's own speaker changed; undefined where it has none. */
export function withSpeaker(
  seen: Observation,
  id: string,
  change: Partial<SpeakerSession> | undefined,
): Observation {
  const answer = seen.speakers[id];
  const [session] = answer?.ok ? answer.value.sessions : [];
  if (session === undefined) throw new Error(`no speaker of ${id} in the fixture`);
  const sessions = change === undefined ? [] : [{ ...session, ...change }];
  const state = ok(`${id}: protocols`, { routerId: "", sessions });
  return { ...seen, speakers: { ...seen.speakers, [id]: state } };
}

/** The same with something wrong with the objects of a COE. */
export function withFault(seen: Observation, coe: string, fault: ObjectFault): Observation {
  return { ...seen, objects: { ...seen.objects, [coe]: ok(`${coe}: objects`, [fault]) } };
}

export function accepted(address: string, prefix: string): Accepted[] {
  return ["26..26", "32..32"].map((lengths) => ({
    neighbors: [`${address}/32`],
    prefix,
    lengths,
    nextHops: [address],
    asPath: "",
    sets: "LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities",
  }));
}

export const acceptedOfWorker = accepted(worker.address, "192.168.0.0/17");

/** What is seen when all is well. */
export const healthy: Observation = {
  ...probed,
  containers: {
    dcos: ok("dcos: tasks", [task]),
    kubernetes: ok("kubernetes: pods", [{ ...pod, name: `seamless/${pod.name}` }]),
  },
  blocks: {
    dcos: ok("dcos: IPAM", [{ cidr: taskBlock, owners: [agent.id], addresses: [] }]),
    kubernetes: ok("kubernetes: IPAM", [{ cidr: podBlock, owners: [worker.id], addresses: [] }]),
  },
  objects: { dcos: ok("dcos: objects", []), kubernetes: ok("kubernetes: objects", []) },
  speakers: {
    [agent.id]: ok(`${agent.id}: protocols`, speaker(taskBlock, podBlock, worker.address)),
    [worker.id]: ok(`${worker.id}: protocols`, speaker(podBlock, taskBlock, agent.address)),
  },
  accepts: {
    reflector: ok("reflector: policy", {
      ...{ neighbours: {}, beside: [] },
      accepted: [...acceptedOfWorker, ...accepted(agent.address, "192.168.128.0/17")],
    }),
  },
  kernels: Object.fromEntries(
    Object.entries(kernels).map(([id, all]) => [id, ok(`${id}: ip route`, kernelOf(all))]),
  ),
};

type Change = (lines: readonly string[]) => readonly string[];

/** The same with some parts of a node's kernel changed. */
export function withParts(
  id: string,
  changes: Readonly<Partial<Record<Part, Change>>>,
  inside = "",
): Observation {
  const all = kernels[id];
  if (all === undefined) throw new Error(`no kernel of ${id} in the fixture`);
  const changed = parts.map((part) => [part, changes[part]?.(all[part]) ?? all[part]] as const);
  const kernel = kernelOf({ ...all, ...Object.fromEntries(changed) }, inside);
  return { ...healthy, kernels: { ...healthy.kernels, [id]: ok(`${id}: ip route`, kernel) } };
}

export function withKernel(id: string, part: Part, change: Change): Observation {
  return withParts(id, { [part]: change });
}

/** The routes of a node but those with a word in them, and some more. */
export function withRoutes(id: string, but: string, ...more: readonly string[]): Observation {
  return withKernel(id, "routes", (lines) => [
    ...lines.filter((line) => !line.startsWith(but)),
    ...more,
  ]);
}

/** A kernel without the route that is learned. */
export const unlearned = withRoutes(worker.id, taskBlock);

export function explain(
  seen: Observation,
  from: string = pod.name,
  to: string = task.name,
  of: Plan = plan,
  attempted: Attempted = {},
): Explanation {
  const names = liveNames(of, seen);
  const ends = [endOf(of, names, "FROM", from), endOf(of, names, "TO", to)] as const;
  return explainLive(sceneOf(of, routerTraits, seen), ...ends, attempted);
}

/** The last lines, which name the first broken link. */
export function verdict(...args: Parameters<typeof explain>): string | undefined {
  return renderExplanation(explain(...args))
    .join("\n")
    .split("\n\n")
    .at(-1);
}
