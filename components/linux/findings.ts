/** What on a host stands in the way of the plan, and what joining changes there. Pure. */
import { isPrefix, overlap, parsePrefix, prefix } from "../../util/net";
import { type Finding, inOrderOfWeight } from "../speakers/calico/inspect/finding";
import { bridgeDevice, dockerNetwork, type HostInput } from "./input";
import type { HostSeen } from "./look";
import { installerOf } from "./packages";

/** Programs that write routes to ranges of containers, or drop those of others, by their names in the process list. */
const owners: Readonly<Record<string, string>> = {
  flanneld:
    "flannel routes to the ranges of its own nodes (host-gw) or tunnels them, and takes routes of others away",
  "kube-router": "kube-router speaks BGP itself and owns the routes to pods",
  "cilium-agent": "Cilium does not import routes, and drops what it does not know",
  "calico-node": "Calico speaks BGP itself on this host",
};

/** Other BGP daemons, which take port 179 or the kernel's routes. */
const speakers = ["bgpd", "gobgpd", "bird6", "openbgpd", "exabgp"];

/** Older BIRD has none of the settings that are written: the channel's `gateway`, and `eval` of what it accepts. */
const oldestBird = [2, 0, 8] as const;

export function hostFindings(input: HostInput, seen: HostSeen): Finding[] {
  return inOrderOfWeight([
    ...addressFindings(input, seen),
    ...birdFindings(seen),
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

/** Whether a bird.conf is one that a package brings or we have written: no protocol in it speaks to others. */
const speaksToOthers = /^\s*(protocol|template)\s+(bgp|ospf|rip|babel|bfd|radv)\b/m;
const ourMark = /^# Made by seamless\./;

export function isOurs(file: string | undefined): boolean {
  return file !== undefined && ourMark.test(file);
}

function* birdFindings(seen: HostSeen): Iterable<Finding> {
  const { bird, birdFile, birdPath } = seen;
  if (bird === undefined) {
    if (installerOf(seen) === undefined)
      yield {
        id: "host/system",
        level: "blocks",
        found: `${seen.title}, with none of the tools for packages that are known here`,
        effect: "BIRD cannot be installed",
        advice: "install BIRD 2 there; it is taken as it is",
      };
    else
      yield {
        id: "bird/package",
        level: "changes",
        found: "no BIRD",
        effect: `BIRD 2 is installed by ${installerOf(seen)?.tool}`,
      };
  } else if (isOlder(bird, oldestBird))
    yield {
      id: "bird/version",
      level: "blocks",
      found: `BIRD ${bird.join(".")}; needed: ${oldestBird.join(".")} or later`,
      effect: "it does not read the configuration that is written",
      advice: "install a newer BIRD there",
    };
  const others = seen.listeners.filter((name) => name !== "bird");
  const mine = seen.listeners.includes("bird") && !isOurs(birdFile);
  if (others.length > 0)
    yield {
      id: "bgp/port",
      level: "blocks",
      found: `${[...new Set(others)].map((name) => name || "another program").join(", ")} listens at TCP port 179`,
      effect: "BIRD could not listen there, and two speakers would write routes into one kernel",
      advice: "stop it on this host, or leave the host out of the plan",
    };
  if (birdFile === undefined || isOurs(birdFile)) return;
  if (mine || speaksToOthers.test(birdFile))
    yield {
      id: "bird/file",
      level: "blocks",
      found: `${birdPath} is somebody else's, with protocols that speak to others`,
      effect: "these sessions would go",
      advice: "remove them there, or leave the host out of the plan",
    };
  else
    yield {
      id: "bird/file",
      level: "changes",
      found: `${birdPath}, with no protocol that speaks to others`,
      effect: "it is replaced, and put back when the host leaves",
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
  for (const name of speakers)
    if (processes.includes(name))
      yield {
        id: `routes/${name}`,
        level: "blocks",
        found: `${name} runs`,
        effect: "two BGP speakers would write routes into one kernel",
        advice: "stop it on this host, or leave the host out of the plan",
      };
}

/** Ranges of the plan that the host has something else in. */
function* rangeFindings({ planned, containers }: HostInput, seen: HostSeen): Iterable<Finding> {
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
  for (const { prefix: text, device, protocol } of seen.routes) {
    const range = hit(text);
    const ours = device === bridgeDevice || protocol === "bird" || known.has(text);
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

export function isOlder(found: readonly number[], oldest: readonly number[]): boolean {
  for (const [index, number] of oldest.entries()) {
    const own = found[index] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
