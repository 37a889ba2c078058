/** Nodes around a reflector that is tried: what a plan has of them, and real daemons in containers of the network `nodes`. */
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { bird } from "../../components/reflector/bird";
import { seedVolume } from "../../components/reflector/container";
import type { NodeConfig } from "../../config/types";
import type { Plan, ReflectorPlan } from "../../plan";
import type { TestDocker } from "./dockerd";
import { startGobgpNode } from "./gobgp-node";

export const reflector = "172.16.18.32";
const lab = readStackConfig("Pulumi.lab.yaml");

export interface Setup {
  readonly podCidr?: string;
  readonly prefixLimit?: number;
  readonly port?: number;
  readonly clusterId?: string;
  readonly nodes: Readonly<Record<string, NodeConfig>>;
}

/** The plan of a COE with some nodes, and its reflector. */
export function reflectorPlan(
  kind: "bird" | "frr",
  { podCidr = "192.168.0.0/17", prefixLimit, nodes, ...own }: Setup,
): { readonly plan: Plan; readonly found: ReflectorPlan } {
  const { kubernetes, dcos: _other, ...others } = lab.coes;
  if (kubernetes === undefined) throw new Error("not the reference lab");
  const plan = makePlan({
    ...lab,
    reflectors: { reflector: { kind, address: reflector, ...own } },
    coes: {
      ...others,
      kubernetes: {
        ...{ ...kubernetes, podCidr, nodes },
        ...(prefixLimit === undefined ? {} : { prefixLimit }),
      },
    },
  });
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  return { plan, found };
}

export const at = (last: number) => `172.16.18.${last}`;
export const [first, second, third, fourth] = [at(34), at(35), at(43), at(44)];
/** Nodes in the reflector's AS, and two in another one. */
export const inside = { one: { address: first }, two: { address: second } };
export const outside = {
  three: { address: third, asn: 64600 },
  four: { address: fourth, asn: 64600 },
};

/** Of a node's container. */
export const nameOf = (address: string) => `node-${address.split(".").at(-1)}`;

interface Attribute {
  readonly type: number;
  readonly nexthop?: string;
  readonly as_paths?: readonly { readonly asns?: readonly number[] }[];
}

const asPath = (attrs: readonly Attribute[]) =>
  (attrs.find(({ type }) => type === 2)?.as_paths ?? []).flatMap(({ asns = [] }) => asns).join(" ");

/** Nodes with GoBGP. */
export function gobgpNodes(daemon: TestDocker) {
  const onNode = (address: string, ...args: readonly string[]) =>
    daemon.docker("exec", nameOf(address), "gobgp", ...args);
  return {
    startNode: (address: string, asn?: number) =>
      startGobgpNode(
        daemon,
        { name: nameOf(address), address, ...(asn === undefined ? {} : { asn }) },
        reflector,
      ),
    announce: (address: string, prefix: string, nextHop = address) =>
      onNode(address, "global", "rib", "add", prefix, "nexthop", nextHop),
    /** The RIB of a node: prefix, next hop and AS path of each path that it has learned. */
    async learned(address: string): Promise<string[]> {
      const text = await onNode(address, "-j", "global", "rib");
      const table: Record<string, { "peer-address"?: string; attrs: Attribute[] }[]> = JSON.parse(
        text.startsWith("{") ? text : "{}",
      );
      return Object.entries(table).flatMap(([prefix, paths]) =>
        paths.flatMap((path) =>
          path["peer-address"] === reflector
            ? [
                `${prefix} ${path.attrs.find(({ type }) => type === 3)?.nexthop} [${asPath(path.attrs)}]`,
              ]
            : [],
        ),
      );
    },
  };
}

/** A node's file as Calico configures BIRD: it comes back within the seconds that a reflector waits after a start. */
export const handWritten = (address: string, block: string) => `router id ${address};
protocol device {
}
protocol static {
  ipv4;
  route ${block} blackhole;
}
protocol bgp reflector {
  local ${address} as 64511;
  neighbor ${reflector} as 64511;
  multihop;
  graceful restart on;
  connect delay time 2;
  connect retry time 5;
  error wait time 5, 30;
  ipv4 {
    import all;
    export all;
    next hop self;
  };
}
`;

/** Starts a node with BIRD. @param options more of `docker run` */
export async function startBirdNode(
  daemon: TestDocker,
  address: string,
  file: string,
  options: readonly string[] = [],
): Promise<void> {
  const name = `bird-${nameOf(address)}`;
  await daemon.docker("volume", "create", name);
  await seedVolume(bird, { dockerHost: daemon.host }, bird.image.tag, name, file);
  const place = ["--network", "nodes", "--ip", address, "--volume", `${name}:/etc/bird`];
  const argv = ["bird", "-f", "-c", "/etc/bird/bird.conf", "-s", "/etc/bird/ctl"];
  const image = [bird.image.tag, ...argv];
  await daemon.docker("run", "--detach", "--name", name, ...place, ...options, ...image);
}

/** What a node with BIRD has of its reflector, in one line. */
export async function birdNodeRoutes(daemon: TestDocker, address: string): Promise<string> {
  const ask = ["birdcl", "-s", "/etc/bird/ctl", "show", "route", "protocol", "reflector"];
  const said = await daemon.docker("exec", `bird-${nameOf(address)}`, ...ask);
  return [...said.matchAll(/^\d\S+/gm)].join();
}
