import type { Draft } from "./draft";
import { rangeIn } from "./family";
import { type CoeKinds, kindOf } from "./kind";
import { dotted, type Problem } from "./problems";

/** Hosts of a lab find each other by name, and have IPv4, as all of Docker's networks. */
export function labHosts({ coes }: Draft, problems: Problem[]): void {
  const owners = new Map<string, string>();
  for (const [coe, { embedded, nodes, podCidr }] of Object.entries(coes)) {
    const six = rangeIn(podCidr, 6);
    if (embedded && six !== undefined && rangeIn(podCidr, 4) === undefined)
      problems.push({
        path: ["coes", coe, "podCidr"],
        message: `found ${six} alone; the hosts of a lab have IPv4, or both families; needed: an IPv4 range beside it`,
      });
    for (const name of embedded ? Object.keys(nodes) : []) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, coe);
      else
        problems.push({
          path: ["coes", coe, "nodes", name],
          message: `found the name of a node of coes.${owner}; the hosts of a lab find each other by name; allowed: a name of its own, such as ${coe}-${name}`,
        });
    }
  }
}

/** Routers that the lab makes: they are there beside its hosts, and nobody tells them passwords. */
export function labRouters(
  { coes, reflectors }: Draft,
  passwords: readonly string[],
  problems: Problem[],
): void {
  for (const [name, { embedded }] of Object.entries(reflectors)) {
    if (!embedded) continue;
    const at = ["reflectors", name, "access"];
    if (Object.values(coes).every((coe) => !coe.embedded))
      problems.push({
        path: at,
        message: "found embedded, and no COE has access: embedded; allowed: only in a lab",
      });
    const [coe] = passwords.filter((one) => Object.hasOwn(coes, one));
    if (coe !== undefined)
      problems.push({
        path: at,
        message: `found embedded, and the sessions of coes.${coe} have a password (seamless:bgpPasswords), which the lab's routers are not told; allowed: no passwords in a lab with such routers`,
      });
  }
}

const path = (name: string) => dotted(["lab", "ports", name]);

/** Each port of a lab is listened on once, and leads to one COE. */
export function labPorts({ lab, coes }: Draft, kinds: CoeKinds, problems: Problem[]): void {
  const leads = new Map<string, string>();
  for (const [coe, { kind, embedded }] of Object.entries(coes)) {
    for (const name of Object.keys((embedded ? kindOf(kinds, kind) : undefined)?.labPorts ?? {})) {
      const own = `${coe}.${name}`;
      const used = Object.hasOwn(lab.ports, own) ? own : name;
      const other = leads.get(used);
      if (other === undefined) leads.set(used, coe);
      else
        problems.push({
          path: ["coes", coe, "access"],
          message: `found embedded, as in coes.${other}, and ${path(used)} leads to one of them; set ${path(own)} to another port`,
        });
    }
  }
  const owners = new Map<number, string>();
  for (const [name, port] of Object.entries(lab.ports)) {
    // A port that is there by default, and leads nowhere, is nobody's.
    if (!leads.has(name)) continue;
    const owner = owners.get(port);
    if (owner === undefined) owners.set(port, name);
    else
      problems.push({
        path: ["lab", "ports", name],
        message: `found ${port}, which is also ${path(owner)}; allowed: a port of its own`,
      });
  }
}
