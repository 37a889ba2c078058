import type { CoeDraft } from "./draft";
import { hasTenth, isServer } from "./family";
import { type CoeKind, type CoeKinds, kindOf } from "./kind";
import { dotted, type Path, type Problem } from "./problems";
import { aCoe } from "./words";

/** What is said of name servers: their addresses, and that no zone is two COEs'. */
export function nameServers(
  coes: Readonly<Record<string, CoeDraft>>,
  kinds: CoeKinds,
  problems: Problem[],
): void {
  for (const [name, coe] of Object.entries(coes)) {
    if (coe.names === undefined) continue;
    const path = ["coes", name, "names"];
    for (const zone of coe.names.zones ?? []) checkZone([...path, "zones"], zone, problems);
    if (coe.names.zones === undefined && kindOf(kinds, coe.kind)?.names.zones.length === 0)
      problems.push({
        path: [...path, "zones"],
        message: `missing; ${aCoe(coe.kind)} has no zones of its own; needed: zones that names.servers answer for`,
      });
    if (coe.names.zones?.length === 0) none([...path, "zones"], problems);
    shared(path, name, coes, kinds, problems);
    if (coe.names.servers === undefined) {
      const kind = kindOf(kinds, coe.kind);
      if (kind !== undefined) usual(path, coe, kind, problems);
    }
    if (coe.names.servers?.length === 0) none([...path, "servers"], problems);
    for (const server of coe.names.servers ?? [])
      checkServer([...path, "servers"], server, problems);
  }
}

function none(path: Path, problems: Problem[]): void {
  problems.push({ path, message: "found none; allowed: one or more" });
}

const zonePattern =
  /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/;

/** RFC 1035, in the one spelling that two texts are compared in. */
function checkZone(path: Path, zone: string, problems: Problem[]): void {
  if (zonePattern.test(zone) && zone.length <= 253) return;
  problems.push({
    path,
    message: `found ${JSON.stringify(zone)}; allowed: a domain name such as cluster.local, in small letters, without a dot at the end`,
  });
}

function checkServer(path: Path, server: string, problems: Problem[]): void {
  if (isServer(server)) return;
  problems.push({
    path,
    message: `found ${JSON.stringify(server)}; allowed: an address such as 10.96.0.10, or with a port, 10.96.0.10:5353 or [2001:db8::a]:5353`,
  });
}

/**
 * A COE answers for its own zones by itself, so a name in them would never be asked for elsewhere. Its zones are those
 * that the configuration names, else its kind's: a cluster may have been given another.
 */
function shared(
  path: Path,
  name: string,
  coes: Readonly<Record<string, CoeDraft>>,
  kinds: CoeKinds,
  problems: Problem[],
): void {
  for (const zone of zonesOf(coes[name], kinds)) {
    for (const other of Object.keys(coes)) {
      if (other === name) continue;
      const hit = zonesOf(coes[other], kinds).find(
        (one) => isSameOrBelow(zone, one) || isSameOrBelow(one, zone),
      );
      if (hit === undefined) continue;
      problems.push({
        path: [...path, "zones"],
        message: `found ${zone}, which ${hit === zone ? "is" : `overlaps ${hit},`} a zone of ${dotted(["coes", other])}; allowed: zones that only ${name} answers for`,
      });
    }
  }
}

function zonesOf(coe: CoeDraft | undefined, kinds: CoeKinds): readonly string[] {
  return coe?.names?.zones ?? kindOf(kinds, coe?.kind)?.names.zones ?? [];
}

function isSameOrBelow(zone: string, other: string): boolean {
  return zone === other || zone.endsWith(`.${other}`);
}

/** The name servers of the kind have to be there, and where others can reach them. */
function usual(path: Path, coe: CoeDraft, kind: CoeKind, problems: Problem[]): void {
  const { at } = kind.names;
  if (at === undefined) {
    problems.push({
      path: [...path, "servers"],
      message: `missing; ${aCoe(coe.kind)} has no name servers that others could ask; needed: addresses of such servers`,
    });
    return;
  }
  if ("role" in at) {
    const roles = Object.values(coe.nodes).map((node) => node.role ?? kind.defaultRole);
    if (!roles.includes(at.role))
      problems.push({
        path,
        message: `found no node with role ${at.role}, which are its name servers; allowed: such a node, or names.servers`,
      });
    return;
  }
  if (coe.announceServices && hasTenth(coe.serviceCidr)) return;
  problems.push({
    path,
    message: `found ${coe.serviceCidr === undefined ? "no serviceCidr" : `serviceCidr ${coe.serviceCidr.join(", ")}${coe.announceServices ? "" : ", which is not announced"}`}; the name server is its tenth address, so others reach it by announceServices: true and a range of /28 or larger, or name others by names.servers`,
  });
}
