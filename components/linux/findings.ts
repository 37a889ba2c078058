/** What on a host stands in the way of the plan, and what joining changes there. Pure. */
import { isPrefix, overlap, parsePrefix, prefix } from "../../util/net";
import { type Finding, inOrderOfWeight } from "../speakers/calico/inspect/finding";
import { bridgeDevice, dockerNetwork, type HostInput } from "./input";
import type { HostSeen } from "./look";
import { installerOf } from "./packages";
import { isThere, speakerFindings } from "./speaker";
import { hostSpeaker, otherSpeakers } from "./speakers";

/** Programs that write routes to ranges of containers, or drop those of others, by their names in the process list. */
const owners: Readonly<Record<string, string>> = {
  flanneld:
    "flannel routes to the ranges of its own nodes (host-gw) or tunnels them, and takes routes of others away",
  "kube-router": "kube-router speaks BGP itself and owns the routes to pods",
  "cilium-agent": "Cilium does not import routes, and drops what it does not know",
  "calico-node": "Calico speaks BGP itself on this host",
};

export function hostFindings(input: HostInput, seen: HostSeen): Finding[] {
  return inOrderOfWeight([
    ...addressFindings(input, seen),
    ...speakerFindings(hostSpeaker(input), otherSpeakers(input), seen, installerOf(seen)?.tool),
    ...ownerFindings(seen),
    ...rangeFindings(input, seen),
    ...containerFindings(input, seen),
  ]);
}

function* addressFindings({ addresses }: HostInput, seen: HostSeen): Iterable<Finding> {
  for (const address of addresses)
    if (!seen.addresses.includes(address))
      yield {
        id: "host/address",
        level: "blocks",
        found: `the host has ${seen.addresses.join(", ")}; the plan says ${address}`,
        effect: "its sessions would not come up, or another host was reached",
        advice: "plan the address that it has, or look whether it is the right host",
      };
}

function* ownerFindings({ processes }: HostSeen): Iterable<Finding> {
  for (const [name, why] of Object.entries(owners))
    if (processes.includes(name))
      yield {
        id: `routes/${name}`,
        level: "blocks",
        found: `${name} runs`,
        effect: why,
        advice:
          "the host belongs to a cluster: plan that as a COE of its kind, or take it out there",
      };
}

/** Ranges of the plan that the host has something else in. */
function* rangeFindings(input: HostInput, seen: HostSeen): Iterable<Finding> {
  const { planned, containers } = input;
  const hit = (text: string) => {
    const parsed = parsePrefix(text.includes("/") ? text : `${text}/32`);
    if (!isPrefix(parsed)) return undefined;
    return planned.find((range) => overlap(prefix(range), parsed));
  };
  // Where the COE's kind makes networks of Docker, it tells its own from others.
  for (const { name, subnets } of containers === "own" ? [] : seen.networks)
    for (const subnet of name === dockerNetwork ? [] : subnets) {
      const range = hit(subnet);
      if (range !== undefined)
        yield {
          id: `range/${name}`,
          level: "blocks",
          found: `Docker's network ${name} has ${subnet}, which overlaps ${range} of the plan`,
          effect: "its containers and the plan's would have the same addresses on this host",
          advice:
            name === "bridge"
              ? "give Docker's own bridge another range there (bip in /etc/docker/daemon.json)"
              : `make the network ${name} anew there with another --subnet`,
        };
    }
  const known = new Set(seen.networks.flatMap(({ subnets }) => subnets));
  const others = otherSpeakers(input).filter((one) => isThere(one, seen));
  const speakers = [hostSpeaker(input), ...others];
  for (const route of seen.routes) {
    const { prefix: text, device, protocol } = route;
    const range = hit(text);
    const made = speakers.some((one) => one.made(route, input));
    const ours = device === bridgeDevice || made || known.has(text);
    if (range === undefined || ours) continue;
    yield {
      id: `range/${device || text}`,
      level: "blocks",
      found: `a route to ${text}${device === "" ? "" : ` by ${device}`}${protocol === "" ? "" : ` (proto ${protocol})`}, in ${range} of the plan`,
      effect: "packets to containers of the plan would go there",
      advice: "remove it there, or plan another range",
    };
  }
}

function* containerFindings({ containers, ranges }: HostInput, seen: HostSeen): Iterable<Finding> {
  if (containers !== "docker") return;
  if (seen.docker === undefined) {
    const there = seen.programs.includes("docker");
    yield {
      id: "docker/daemon",
      level: "blocks",
      found: there ? "no Docker daemon answers" : "no Docker",
      effect: "containers could get no addresses of the host's range",
      advice: there
        ? "start it on the host"
        : "install it on the host, or say containers: containerd, or none",
    };
    return;
  }
  const own = seen.networks.find(({ name }) => name === dockerNetwork);
  if (own === undefined) return;
  const differs = own.subnets.join() !== ranges.join();
  if (differs && own.containers.length > 0)
    yield {
      id: `range/${dockerNetwork}`,
      level: "blocks",
      found: `Docker's network ${dockerNetwork} has ${own.subnets.join(", ")} and the containers ${own.containers.join(", ")}; the plan says ${ranges.join(", ")}`,
      effect: "a network with containers in it cannot get another range",
      advice: "remove these containers there, or plan the range that it has",
    };
}
