import { formatCidr, within } from "../util/cidr";
import { type Claim, capacity, collisions, readAddress, readRange } from "./addresses";
import { kindFacts, reflectorKinds } from "./kinds";
import { dotted, nearest, type Path, type Problem } from "./problems";
import type { Shape } from "./shape";

type CoeShape = Shape["coes"][string];

/** All that can be wrong with the values of a configuration whose shape is right. */
export function problemsOf(config: Shape): Problem[] {
  const problems: Problem[] = [];
  const { network } = config;
  const supernet = readRange(["network", "supernet"], network.supernet, problems);
  const nodes = readRange(["network", "nodes"], network.nodes, problems);
  asn(["network", "asn"], network.asn, problems);
  blockSize(["network", "blockSize"], network.blockSize, problems);
  if (Object.keys(config.reflectors).length === 0)
    problems.push({ path: ["reflectors"], message: "found none; allowed: one or more" });
  names(["reflectors"], Object.keys(config.reflectors), problems);
  names(["coes"], Object.keys(config.coes), problems);

  const claims: Claim[] = nodes === undefined ? [] : [{ path: ["network", "nodes"], range: nodes }];
  for (const [name, coe] of Object.entries(config.coes)) {
    const path = ["coes", name];
    names([...path, "nodes"], Object.keys(coe.nodes), problems);
    facts(path, coe, problems);
    const pod = readRange([...path, "podCidr"], coe.podCidr, problems);
    if (pod !== undefined) {
      const claim = { path: [...path, "podCidr"], range: pod };
      claims.push(claim);
      if (supernet !== undefined && !within(supernet, pod))
        problems.push({
          path: claim.path,
          message: `found ${coe.podCidr}; allowed: a range inside network.supernet ${formatCidr(supernet)}`,
        });
      const size = coe.blockSize ?? network.blockSize;
      if (coe.blockSize !== undefined) blockSize([...path, "blockSize"], size, problems);
      capacity(claim, size, speakersOf(coe), problems);
    }
    if (coe.serviceCidr !== undefined) {
      const range = readRange([...path, "serviceCidr"], coe.serviceCidr, problems);
      if (range !== undefined) claims.push({ path: [...path, "serviceCidr"], range });
    }
  }
  collisions(claims, supernet, problems);
  hosts(config, nodes, problems);
  return problems;
}

function speakersOf(coe: CoeShape): number {
  const kind = kindFacts[coe.kind];
  const roles = Object.values(coe.nodes).map((node) => node.role ?? kind?.defaultRole ?? "");
  return roles.filter((role) => kind?.roles[role]?.speaker ?? true).length;
}

/** Every host has an address of its own, on the node network. */
function hosts(config: Shape, nodes: Parameters<typeof readAddress>[2], problems: Problem[]): void {
  const owners = new Map<string, Path>();
  const claim = (path: Path, text: string) => {
    const address = readAddress(path, text, nodes, problems);
    if (address === undefined) return;
    const owner = owners.get(address);
    if (owner === undefined) owners.set(address, path);
    else
      problems.push({
        path,
        message: `found ${address}, which is also ${dotted(owner)}; allowed: an address of its own`,
      });
  };
  for (const [name, reflector] of Object.entries(config.reflectors)) {
    const path = ["reflectors", name];
    word([...path, "kind"], reflector.kind, reflectorKinds, problems);
    if (reflector.asn !== undefined) asn([...path, "asn"], reflector.asn, problems);
    claim([...path, "address"], reflector.address);
  }
  for (const [coe, { nodes: members }] of Object.entries(config.coes)) {
    for (const [name, node] of Object.entries(members)) {
      const path = ["coes", coe, "nodes", name];
      if (node.asn !== undefined) asn([...path, "asn"], node.asn, problems);
      claim([...path, "address"], node.address);
    }
  }
}

/** What the kind of an engine says about its roles, its access and its service range. */
function facts(path: Path, coe: CoeShape, problems: Problem[]): void {
  const kind = kindFacts[coe.kind];
  word([...path, "kind"], coe.kind, Object.keys(kindFacts), problems);
  if (kind === undefined) return;
  for (const [name, node] of Object.entries(coe.nodes)) {
    if (node.role !== undefined)
      word([...path, "nodes", name, "role"], node.role, Object.keys(kind.roles), problems);
  }
  if (coe.serviceCidr !== undefined && !kind.services)
    problems.push({
      path: [...path, "serviceCidr"],
      message: `found ${coe.serviceCidr}; a ${coe.kind} engine has no service range: leave it out`,
    });
  const { access } = coe;
  if (access === "embedded") return;
  for (const key of Object.keys(access)) {
    if (!kind.accepts.some((one) => one === key))
      problems.push({
        path: [...path, "access", key],
        message: `means nothing to a ${coe.kind} engine; allowed: ${kind.accepts.join(", ")}`,
      });
  }
  for (const key of kind.requires) {
    if (access[key] === undefined)
      problems.push({
        path: [...path, "access", key],
        message: `missing; a ${coe.kind} engine needs ${kind.requires.join(" and ")}`,
      });
  }
}

function word(path: Path, found: string, allowed: readonly string[], problems: Problem[]): void {
  if (allowed.includes(found)) return;
  const close = nearest(found, allowed);
  const hint = close === undefined ? "" : `; did you mean ${close}?`;
  const list = [...allowed].sort().join(", ");
  problems.push({ path, message: `found ${JSON.stringify(found)}; allowed: ${list}${hint}` });
}

/** RFC 6793 numbers; 0, 23456, 65535 and 4294967295 are reserved (RFC 7607, RFC 6793, RFC 7300). */
function asn(path: Path, value: number, problems: Problem[]): void {
  const reservedNumbers = [0, 23456, 65535, 4294967295];
  const inRange = Number.isInteger(value) && value >= 0 && value <= 4294967295;
  if (inRange && !reservedNumbers.includes(value)) return;
  const what = inRange ? `${value}, which is reserved` : `${value}`;
  problems.push({
    path,
    message: `found ${what}; allowed: 1 to 4294967294 without 23456 and 65535; for private use 64512 to 65534 (RFC 6996)`,
  });
}

/** Calico IPAM: 20 to 32. */
function blockSize(path: Path, value: number, problems: Problem[]): void {
  if (Number.isInteger(value) && value >= 20 && value <= 32) return;
  problems.push({ path, message: `found ${value}; allowed: 20 to 32 (Calico IPAM)` });
}

/** Names become host names, container names and object names: DNS labels (RFC 1123), different in more than case. */
function names(path: Path, keys: readonly string[], problems: Problem[]): void {
  const seen = new Map<string, string>();
  for (const key of keys) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(key))
      problems.push({
        path: [...path, key],
        message: `found the name ${JSON.stringify(key)}; allowed: a DNS label: 1 to 63 of a-z, 0-9 and -, no - at either end (RFC 1123)`,
      });
    const twin = seen.get(key.toLowerCase());
    if (twin !== undefined)
      problems.push({
        path: [...path, key],
        message: `found the name ${JSON.stringify(key)}, which differs from ${JSON.stringify(twin)} only in case; allowed: names that differ in more`,
      });
    seen.set(key.toLowerCase(), key);
  }
}
