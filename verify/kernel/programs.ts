/** Programs of eBPF on a node's devices: they may drop packets by rules that nobody can read from outside. */
import type { Filters } from "./parse-tc";

export interface Program {
  readonly device: string;
  readonly where: "tc ingress" | "tc egress" | "xdp";
  /** As its owner has called it; its number where it has no name. */
  readonly name: string;
}

/** Who calls its programs so. */
const owners: readonly (readonly [names: RegExp, owner: string])[] = [
  [/^(cil_|bpf_(lxc|host|overlay|netdev|xdp))/, "Cilium"],
  [/^(cali|calico)/, "Calico's eBPF dataplane"],
];

/** Those that `tc filter show` prints. Bytecode of one instruction says always the same, and is read as a rule. */
export function programsOfTc(all: readonly Filters[]): Program[] {
  return all.flatMap(({ device, direction, text }) =>
    [...text.matchAll(/^filter .* bpf .*\bhandle \S+ (.*)$/gm)].flatMap(
      ([, said = ""]): Program[] => {
        if (!/\bdirect-action\b/.test(said) || /bytecode '1,6 /.test(said)) return [];
        const [first = ""] = said.split(" ");
        const own = first === "direct-action" ? "classic bytecode" : first;
        return [{ device, where: `tc ${direction}`, name: nameIn(said) ?? own }];
      },
    ),
  );
}

/** Those that `ip -o link show` prints, by XDP; before Linux 4.15 programs have no names. */
export function programsOfXdp(links: string): Program[] {
  return links.split("\n").flatMap((line): Program[] => {
    const [, device] =
      /^\d+: ([^:@\s]+)[^<]*<[^>]*> mtu \d+ (?:\S+ )*?xdp\S* (?:\S+ )*?qdisc /.exec(line) ?? [];
    if (device === undefined) return [];
    const [, said = ""] = /prog\/xdp (.*)/.exec(line) ?? [];
    return [{ device, where: "xdp", name: nameIn(said) ?? "a program without a name" }];
  });
}

function nameIn(said: string): string | undefined {
  const [, name] = /\bname (\S+)/.exec(said) ?? [];
  const [, id] = /\bid (\d+)/.exec(said) ?? [];
  return name ?? (id === undefined ? undefined : `id ${id}`);
}

/** One in words: `eth0 (tc ingress, cil_from_netdev of Cilium)`. */
export function programText({ device, where, name }: Program): string {
  const owner = owners.find(([names]) => names.test(name))?.[1];
  return `${device} (${where}, ${name}${owner === undefined ? "" : ` of ${owner}`})`;
}
