import { addressesOf, addressOf, families, gatewayOf } from "../../plan/families";
import type { CoePlan, NodePlan, Plan, RackPlan, ReflectorPlan } from "../../plan/types";
import { type Family, hostPrefix } from "../../util/net";
import { inFamily, listOf } from "../../util/ranges";
import { type HostFile, type HostFiles, hostRoot, type LabRouter } from "../contract";
import { fabric, separateRacks } from "../networks";
import { renderService } from "./render";

/*
 * What hosts and routers of a lab with several racks have beside what their kinds give them.
 */

/** A host's ways to other racks, by its gateway, and the names of the hosts there, which Docker tells in one network alone. */
function hostInRack(
  node: NodePlan,
  racks: readonly RackPlan[],
  coes: readonly CoePlan[],
): HostFiles {
  const own = racks.find(({ name }) => name === node.rack) ?? {};
  const others = racks.filter(({ name }) => name !== node.rack);
  const names = coes
    .flatMap((coe) => Object.values(coe.nodes))
    .filter(({ rack }) => rack !== node.rack)
    .flatMap((far) => addressesOf(far).map((address) => `${address} ${far.name}`))
    .sort();
  return scripted([
    ...families.flatMap((family) => {
      const gateway = gatewayOf(own, family);
      if (gateway === undefined || addressOf(node, family) === undefined) return [];
      return rangesOf(others, family).map((range) => `ip route replace ${range} via ${gateway}`);
    }),
    // Docker has the file mounted, so that it cannot be replaced.
    `sed '/ # rack$/d' /etc/hosts > /run/hosts`,
    ...names.map((line) => `echo '${line} # rack' >> /run/hosts`),
    "cat /run/hosts > /etc/hosts",
  ]);
}

/** The ways of a rack's router to the other racks: by the routers there, which are on the fabric, too. */
function routerInRack(router: ReflectorPlan, racks: readonly RackPlan[]): HostFiles {
  const others = racks.filter(({ name }) => name !== router.rack);
  const six = addressOf(router, 6);
  return scripted([
    // Each of Docker's networks would be a way out.
    "ip route del default || true",
    `fabric=$(ip -oneline route show ${fabric} | sed -n 's/.* dev \\([^ ]*\\) .*/\\1/p')`,
    ...(six === undefined ? [] : asRouter6(six)),
    ...families.flatMap((family) => {
      const source = addressOf(router, family);
      if (source === undefined) return [];
      return others.flatMap((rack) => {
        const gateway = gatewayOf(rack, family);
        if (gateway === undefined) return [];
        return rangesOf([rack], family).map(
          (range) => `ip route replace ${range} via ${gateway} dev "$fabric" onlink src ${source}`,
        );
      });
    }),
  ]);
}

/** What a router of IPv6 needs, and one of IPv4 has by itself. */
function asRouter6(address: string): readonly string[] {
  return [
    "ip -6 route del default || true",
    // A network namespace begins with the machine's IPv4 forwarding, and with none of IPv6.
    "sysctl -qw net.ipv6.conf.all.forwarding=1",
    // IPv4 addresses stay on a device that goes down.
    "sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1",
    // Neighbour discovery answers for an address on the devices that have it; ARP answers for it on all.
    `ip address replace ${hostPrefix(address)} dev "$fabric" nodad`,
  ];
}

function rangesOf(racks: readonly RackPlan[], family: Family): readonly string[] {
  return inFamily(
    racks.flatMap(({ cidr }) => listOf(cidr)),
    family,
  );
}

function scripted(lines: readonly string[]): HostFiles {
  const file: HostFile = { path: "racks.sh", text: `set -eu\n${lines.join("\n")}\n` };
  return {
    files: [file],
    units: [
      {
        name: "lab-racks.service",
        reads: [file.path],
        text: renderService({
          description: "Ways to the other racks of the lab",
          defaultDependencies: false,
          after: ["lab-routes.service"],
          before: ["network.target"],
          type: "oneshot",
          start: [["/bin/sh", `${hostRoot}/${file.path}`]],
        }),
      },
    ],
  };
}

/**
 * What a host is made of, by its kind and by its rack.
 * @param racks where each has a network of its own
 */
export function filesOfHost(
  own: HostFiles,
  node: NodePlan,
  racks: readonly RackPlan[],
  coes: readonly CoePlan[],
): HostFiles {
  return racks.length === 0 ? own : joined(hostInRack(node, racks, coes), own);
}

/** What a router is made of, by its kind and by its rack. */
export function filesOfRouter(kind: LabRouter, plan: Plan, router: ReflectorPlan): HostFiles {
  const own = kind.files(plan, router);
  const racks = separateRacks(plan);
  return racks.length === 0 ? own : joined(routerInRack(router, racks), own);
}

function joined(one: HostFiles, other: HostFiles): HostFiles {
  return { files: [...one.files, ...other.files], units: [...one.units, ...other.units] };
}
