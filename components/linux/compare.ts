/** What a host that has joined has otherwise than the plan, and what one that has left still has. */
import type { ObjectFault } from "../ask/types";
import { acceptRules } from "./host";
import { bridgeDevice, dockerNetwork, type HostInput, makesBridge } from "./input";
import { partsOf, script } from "./script";
import { type AskHost, needed, speakerFaults } from "./speaker";
import { hostSpeaker } from "./speakers";

/** The rules that the host has, and whether the table of ours is one of them. */
const rules = script(`
part table nft list table inet seamless
for tables in iptables ip6tables; do
  part "$tables DOCKER-USER" "$tables" -w -S DOCKER-USER
  part "$tables FORWARD" "$tables" -w -S FORWARD
done
printf '\\n@@ bridge\\n'; ip -j address show dev ${bridgeDevice} 2>/dev/null || true
printf '\\n@@ forward\\n'; cat /proc/sys/net/ipv4/ip_forward
`);

const remedy = "run: pulumi up";

/** @throws Error when the host cannot be asked */
export async function hostFaults(ask: AskHost, input: HostInput): Promise<ObjectFault[]> {
  const [rulesText, network] = await Promise.all([
    needed(ask(["sh", "-s"], rules)),
    networkFaults(ask, input),
  ]);
  const spoken = await speakerFaults(hostSpeaker(input), ask, input);
  return [...spoken, ...network, ...ruleFaults(input, partsOf(rulesText))];
}

async function networkFaults(
  ask: AskHost,
  { name, containers, ranges }: HostInput,
): Promise<ObjectFault[]> {
  if (containers !== "docker") return [];
  const format = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
  const found = await ask(["docker", "network", "inspect", "--format", format, dockerNetwork]);
  const subnets = found.ok ? found.value.trim().split(/\s+/) : [];
  if (subnets.join() === ranges.join()) return [];
  return [
    {
      ...{ group: "pools", object: `Docker's network ${dockerNetwork} on ${name}`, remedy },
      found: found.ok ? subnets.join(", ") : found.error,
      expected: ranges.join(", "),
      effect: "containers get no addresses that others have a route to",
    },
  ];
}

/** What a table says, without the counters and the order that nft writes it in: our own lines, one by one. */
function ruleFaults(input: HostInput, parts: ReadonlyMap<string, string>): ObjectFault[] {
  const { name, ranges } = input;
  const about = { group: "policies" as const, remedy };
  const faults: ObjectFault[] = [];
  if (!(parts.get("table") ?? "").includes("chain forward"))
    faults.push({
      ...{ ...about, object: `table inet seamless on ${name}` },
      ...{ found: "none", expected: "the table that host.sh makes" },
      effect: "whoever has a route to containers is let in, whatever the policy says",
      remedy: `on ${name}: sh /etc/seamless/host.sh; or run: pulumi up`,
    });
  for (const range of ranges) {
    const tables = range.includes(":") ? "ip6tables" : "iptables";
    const docker = parts.get(`${tables} DOCKER-USER`) ?? "";
    const chain = docker.startsWith("-N") ? "DOCKER-USER" : "FORWARD";
    const has = parts.get(`${tables} ${chain}`);
    if (has === undefined || has === "") continue;
    const missing = acceptRules(chain, range).filter((rule) => !sameRule(has, rule));
    if (missing.length > 0)
      faults.push({
        ...{ ...about, object: `chain ${chain} on ${name}`, expected: missing.join("; ") },
        found: "no such rule",
        effect: "Docker's rules, or others behind it, may drop packets to and from containers",
        remedy: `on ${name}: sh /etc/seamless/host.sh; or run: pulumi up`,
      });
  }
  if (makesBridge(input) && !(parts.get("bridge") ?? "").includes('"local"'))
    faults.push({
      ...{ group: "pools", object: `bridge ${bridgeDevice} on ${name}`, found: "none" },
      ...{ expected: `with the first address of ${ranges.join(", ")}`, remedy },
      effect: "containers of this host have no way out",
    });
  if (parts.get("forward")?.trim() === "0")
    faults.push({
      ...{ group: "nodes", object: `net.ipv4.ip_forward on ${name}`, found: "0", expected: "1" },
      ...{ effect: "the host forwards no packets of containers", remedy },
    });
  return faults;
}

/** iptables writes a comment in quotes, and the chain's name first. */
function sameRule(has: string, rule: string): boolean {
  return has.split("\n").some((line) => line.trim() === rule);
}

/** What a host still has of ours. */
const left = script(`
printf '\\n@@ left\\n'
[ ! -e /etc/seamless ] || echo /etc/seamless
nft list table inet seamless >/dev/null 2>&1 && echo "table inet seamless"
for tables in iptables ip6tables; do
  there "$tables" || continue
  "$tables" -w -S 2>/dev/null | grep -q 'seamless: containers' && echo "rules of $tables"
done
ip link show dev ${bridgeDevice} >/dev/null 2>&1 && echo "bridge ${bridgeDevice}"
for file in /etc/bird/bird.conf /etc/bird.conf /etc/frr/frr.conf /etc/frr/daemons; do
  head -n 1 "$file" 2>/dev/null | grep -q '^[#!] Made by seamless' && echo "$file"
done
`);

/** @throws Error when the host cannot be asked */
export async function leftOnHost(ask: AskHost, name: string): Promise<ObjectFault[]> {
  const parts = partsOf(await needed(ask(["sh", "-s"], left)));
  return (parts.get("left") ?? "")
    .split("\n")
    .filter(Boolean)
    .map((object) => ({
      ...{ group: "nodes", object: `${object} on ${name}` },
      ...{ found: "is still there", expected: "nothing of the stack" },
      effect: "the host still does what the stack has told it",
      remedy: `on ${name}: remove it by hand`,
    }));
}
