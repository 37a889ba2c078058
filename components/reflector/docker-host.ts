import { announcedPrefixes } from "../../plan/services";
import { endsAt } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { contains, isLoopback, isPrefix, overlap, parsePrefix, prefix } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import type { Finding } from "../speakers/calico/inspect/finding";

/** One network of a Docker daemon, as `docker network inspect` tells it. */
export interface DockerNetwork {
  readonly name: string;
  /** Default: bridge. Only a bridge is an interface of the host, with a route to its whole range. */
  readonly driver?: string;
  /** IPv4; another family is not looked at. */
  readonly subnet: string;
}

/** What a Docker host really has. */
export interface DockerHost {
  readonly networks: readonly DockerNetwork[];
  /** The host's own IPv4 addresses. Absent where they are not known. */
  readonly addresses?: readonly string[];
}

/**
 * Judges the plan against the Docker host that runs, or is to run, one reflector: only what the host really has counts,
 * wherever Docker's default ranges are. Pure; the step `reflector-look` asks it before anything is changed.
 * `blocks` is a session that would not come up, or traffic that would not leave the host; `notes` can be.
 * @param reflector a name of the plan
 * @param attached the Docker network that the reflector is attached to, which is a node network; undefined where it is
 * in the host's own network
 */
export function judgeDockerHost(
  plan: Plan,
  reflector: string,
  host: DockerHost,
  attached?: string,
): Finding[] {
  const bridges = host.networks.filter(
    ({ name, driver = "bridge", subnet }) =>
      driver === "bridge" && name !== attached && isPrefix(parsePrefix(subnet)),
  );
  return [
    ...(attached === undefined ? ownAddress(plan, reflector, host) : []),
    ...bridges.flatMap((bridge) => [
      ...addressesIn(plan, reflector, bridge),
      ...rangesOver(plan, host, bridge),
    ]),
    ...addressesTaken(plan, host, bridges),
  ];
}

/** In the host's own network the reflector listens on an address of the host. */
function ownAddress(plan: Plan, reflector: string, { addresses }: DockerHost): Finding[] {
  const address = plan.reflectors[reflector]?.address;
  if (address === undefined || addresses === undefined || addresses.includes(address)) return [];
  return [
    {
      id: "docker/address",
      level: "blocks",
      found: `the host has ${addresses.join(", ") || "no address"}; the plan says ${address}`,
      effect: "the reflector could not listen on its address",
      advice: `plan one of these addresses, or another dockerHost, for reflectors.${reflector}`,
    },
  ];
}

/** What is in the range of a bridge is sent to that bridge. */
function addressesIn(plan: Plan, reflector: string, { name, subnet }: DockerNetwork): Finding[] {
  const own = plan.reflectors[reflector]?.address;
  const nodes = endsAt(plan.sessions, reflector)
    .filter(({ far }) => contains(subnet, far.address))
    .map(({ far }) => `${far.id} ${far.address}`);
  const inside = own !== undefined && contains(subnet, own) ? [`${reflector} ${own}`] : [];
  const all = [...inside, ...nodes];
  if (all.length === 0) return [];
  return [
    {
      id: `docker/${name}`,
      level: "blocks",
      found: `${subnet}, which holds planned addresses: ${all.join(", ")}`,
      effect: "the host sends what is for these to Docker's bridge: their sessions do not come up",
      advice: moveBridge(name),
    },
  ];
}

/** Container ranges matter to the host where it is a node itself: routes to single blocks are in its kernel then. */
function rangesOver(plan: Plan, host: DockerHost, { name, subnet }: DockerNetwork): Finding[] {
  const hits = plannedRanges(plan).filter(({ range }) => overlap(prefix(range), prefix(subnet)));
  const nodes = Object.values(plan.coes).flatMap((coe) => Object.values(coe.nodes));
  const self = nodes.find(({ address }) => host.addresses?.includes(address));
  if (hits.length === 0 || (host.addresses !== undefined && self === undefined)) return [];
  const found = `${subnet}, which overlaps ${hits.map(({ range, of }) => `${range} of ${of}`).join(", ")}`;
  if (self === undefined)
    return [
      {
        id: `docker/${name}`,
        level: "notes",
        found,
        effect:
          "this matters where the host is a node of a COE: Docker's containers and the plan's would have the same addresses there",
      },
    ];
  return [
    {
      id: `docker/${name}`,
      level: "blocks",
      found: `${found}; the host is the node ${self.id}`,
      effect: "Docker's containers and the plan's would have the same addresses on this node",
      advice: moveBridge(name),
    },
  ];
}

/** An address that the host has beside Docker's own is no container's. */
function addressesTaken(
  plan: Plan,
  { addresses = [] }: DockerHost,
  bridges: readonly DockerNetwork[],
): Finding[] {
  const subnets = bridges.map(({ subnet }) => subnet);
  return addresses
    .filter((address) => !isLoopback(address) && !containedIn(subnets, address))
    .flatMap((address) =>
      plannedRanges(plan)
        .filter(({ range }) => contains(range, address))
        .map(
          ({ range, of }): Finding => ({
            id: "docker/address",
            level: "blocks",
            found: `the host has ${address}, which is inside ${range} of ${of}`,
            effect: "the address would be this host's and a container's",
            advice: "plan another range",
          }),
        ),
    );
}

function plannedRanges(plan: Plan): { readonly range: string; readonly of: string }[] {
  return Object.values(plan.coes).flatMap((coe) =>
    [...podRanges(coe), ...announcedPrefixes(coe)].map((range) => ({
      range,
      of: coe.name,
    })),
  );
}

function moveBridge(name: string): string {
  return name === "bridge"
    ? "give Docker's own bridge another range there (bip in /etc/docker/daemon.json), or use another dockerHost"
    : `remove the Docker network ${name} there or make it anew with another --subnet, or use another dockerHost`;
}
