import { isLabel, labelRule } from "../util/label";
import { nearest } from "../util/nearest";
import { type Family, formatPrefix, type Prefix, within } from "../util/net";
import { usualBlockSize6 } from "../util/ranges";
import { readAddress, readRanges } from "./addresses";
import { asnProblems, topologyProblems } from "./asns";
import { bfdProblems } from "./bfd";
import { type Claim, collisions, dockerRange } from "./claims";
import type { CoeDraft, Draft } from "./draft";
import { familyProblems } from "./families";
import { families } from "./family";
import type { RawSecrets } from "./handed-on";
import {
  type Around,
  type CoeKind,
  type CoeKinds,
  hasNodeRanges,
  type Kinds,
  kindOf,
  speaks,
} from "./kind";
import { labHosts, labPorts, labRouters } from "./lab";
import { nameServers } from "./names";
import { networks } from "./networks";
import { nodeRangeProblems } from "./node-ranges";
import { policyProblems } from "./policy";
import { blockRoom, capacity, derivedNames, isAdopted, poolProblems } from "./pools";
import { probeProblems } from "./probe";
import { dotted, type Path, type Problem } from "./problems";
import { type NodeNetwork, nodeNetworks, rackProblems } from "./racks";
import { reflectorProblems } from "./reflectors";
import { loginsOf, passwordNames } from "./secrets";
import { aCoe } from "./words";

/** All that can be wrong with the values of a configuration; absent ones are the shape's business. */
export function problemsOf(config: Draft, kinds: Kinds, secrets: RawSecrets): Problem[] {
  const problems: Problem[] = [];
  const { network } = config;
  const supernets = readRanges(["network", "supernet"], network.supernet, problems);
  const nodes = nodeNetworks(network, problems);
  for (const [rack, one] of Object.entries(network.racks ?? {}))
    asn(["network", "nodes", rack, "asn"], one.asn, problems);
  asn(["network", "asn"], network.asn, problems);
  blockSize(["network", "blockSize"], network.blockSize, 4, problems);
  blockSize(["network", "blockSize6"], network.blockSize6, 6, problems);
  topologyProblems(config, kinds.coes, passwordNames(secrets), problems);
  asnProblems(config, kinds.coes, problems);
  problems.push(...bfdProblems(config, kinds));
  names(["reflectors"], Object.keys(config.reflectors), problems);
  names(["coes"], Object.keys(config.coes), problems);
  names(["network", "nodes"], Object.keys(network.racks ?? {}), problems);

  const claims = networks(config, nodes ?? [], problems);
  for (const [name, coe] of Object.entries(config.coes)) {
    const path = ["coes", name];
    asn([...path, "asn"], coe.asn, problems);
    nodeNames([...path, "nodes"], coe, problems);
    facts(path, coe, kinds.coes, { config, secrets: loginsOf(secrets, name) }, problems);
    if (coe.blockSize !== network.blockSize)
      blockSize([...path, "blockSize"], coe.blockSize, 4, problems);
    if (coe.blockSize6 !== network.blockSize6)
      blockSize([...path, "blockSize6"], coe.blockSize6, 6, problems);
    const kind = kindOf(kinds.coes, coe.kind);
    const pods = containers(path, coe, kind, supernets ?? [], problems);
    claims.push(...pods, ...serviceClaims(path, coe, kind, problems));
    nodeRangeProblems(path, coe, kind, problems);
    for (const family of hasNodeRanges(kind, coe) ? [] : families) {
      const size = family === 4 ? coe.blockSize : (coe.blockSize6 ?? usualBlockSize6);
      if (size === undefined || !isBlockSize(size, family)) continue;
      const own = pods.filter(({ range }) => range.family === family);
      const speakers = Object.values(coe.nodes).filter((node) => speaks(kind, node));
      const tooFew = capacity(own, size, speakers.length, problems);
      if (!tooFew) blockRoom([...path, "podCidr"], coe, own, size, problems);
    }
    poolProblems([...path, "pool"], coe, problems);
    if (!hasNodeRanges(kind, coe)) retiring([...path, "retiring"], coe, problems);
    policyProblems(path, coe, config.coes, kinds.coes, problems);
  }
  nameServers(config.coes, kinds.coes, problems);
  for (const [name, coe] of Object.entries(config.coes))
    derivedNames(["coes", name, "pool"], coe, claims, problems);
  collisions(claims, supernets ?? [], problems);
  dockerRange(claims, problems);
  hosts(config, kinds, nodes, problems);
  rackProblems(config, kinds, nodes ?? [], problems);
  problems.push(...familyProblems(config, kinds.coes));
  reflectorProblems(config, problems);
  if (config.lab.name !== undefined) label(["lab", "name"], config.lab.name, problems);
  labPorts(config, kinds.coes, problems);
  labHosts(config, problems);
  labRouters(config, passwordNames(secrets), problems);
  return problems;
}

/** The ranges of a COE's containers, which are inside of a supernet where there are any. */
function containers(
  [...coes]: Path,
  coe: CoeDraft,
  kind: CoeKind | undefined,
  supernets: readonly Prefix[],
  problems: Problem[],
): Claim[] {
  const path = [...coes, "podCidr"];
  const claims = (readRanges(path, coe.podCidr, problems) ?? []).map((range) => ({
    path,
    range,
    ...ownerOf(coes),
    routed: true,
    exists: kind?.adoptsPools?.(coe) === true || isAdopted(coe, formatPrefix(range)),
  }));
  for (const { range } of claims) {
    if (supernets.length > 0 && !supernets.some((supernet) => within(supernet, range)))
      problems.push({
        path,
        message: `found ${formatPrefix(range)}; allowed: a range inside network.supernet ${supernets.map(formatPrefix).join(" or ")}`,
      });
  }
  return claims;
}

/** Ranges of services; those of a COE that is there already are what they are, but for the pool that the plan makes. */
function serviceClaims(
  path: Path,
  coe: CoeDraft,
  kind: CoeKind | undefined,
  problems: Problem[],
): Claim[] {
  const proxy = kind?.services.proxy;
  return serviceRanges.flatMap((key) => {
    const routed = key !== "serviceCidr" || coe.announceServices === true;
    const made = key === "loadBalancerCidr" && coe.loadBalancerPool !== false;
    const exists = !coe.embedded && !made;
    const taken = proxy === undefined ? {} : { proxy };
    const ranges = readRanges([...path, key], coe[key], problems, routed) ?? [];
    return ranges.map((range) => ({
      ...{ path: [...path, key], range, ...ownerOf(path), routed, exists, ...taken },
    }));
  });
}

function ownerOf(path: Path): Pick<Claim, "coe"> {
  const coe = path.at(-1);
  return coe === undefined ? {} : { coe };
}

/** Every host has an address of its own, on the node network. */
function hosts(
  config: Draft,
  kinds: Kinds,
  nodes: readonly NodeNetwork[] | undefined,
  problems: Problem[],
): void {
  const owners = new Map<string, Path>();
  const networks = nodes?.map(({ range }) => range);
  const claim = (path: Path, text: string | undefined) => {
    const address = readAddress(path, text, networks, problems);
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
    word([...path, "kind"], reflector.kind, Object.keys(kinds.reflectors), problems);
    asn([...path, "asn"], reflector.asn, problems);
    claim([...path, "address"], reflector.address);
    claim([...path, "address6"], reflector.address6);
    problems.push(...(kindOf(kinds.reflectors, reflector.kind)?.check(reflector, path) ?? []));
  }
  for (const [coe, { nodes: members }] of Object.entries(config.coes)) {
    for (const [name, node] of Object.entries(members)) {
      const path = ["coes", coe, "nodes", name];
      asn([...path, "asn"], node.asn, problems);
      claim([...path, "address"], node.address);
      claim([...path, "address6"], node.address6);
    }
  }
}

/** What the kind of a COE says about its roles, its access and its ranges of services. */
function facts(
  path: Path,
  coe: CoeDraft,
  kinds: CoeKinds,
  around: Around,
  problems: Problem[],
): void {
  const kind = kindOf(kinds, coe.kind);
  word([...path, "kind"], coe.kind, Object.keys(kinds), problems);
  if (kind === undefined) return;
  word([...path, "speaker"], coe.speaker, Object.keys(kind.speakers), problems);
  for (const [name, node] of Object.entries(coe.nodes)) {
    word([...path, "nodes", name, "role"], node.role, Object.keys(kind.roles), problems);
  }
  const own = [...kind.check(coe, path, around)];
  services(path, coe, kind, own, problems);
  probeProblems(path, coe, kind, problems);
  problems.push(...own);
  const { access } = coe;
  if (coe.nodesFromCluster && (!kind.listsNodes || access === undefined))
    problems.push({
      path: [...path, "nodes"],
      message: kind.listsNodes
        ? "found fromCluster without a cluster to read; allowed: a map of nodes, or access to one that is there"
        : `found fromCluster; ${aCoe(coe.kind)} is not asked for its nodes; allowed: a map of nodes`,
    });
}

const serviceRanges = ["serviceCidr", "loadBalancerCidr", "externalCidr"] as const;

/** @param own what the kind itself says, which is more than that it has no such range */
function services(
  path: Path,
  coe: CoeDraft,
  kind: CoeKind,
  own: readonly Problem[],
  problems: Problem[],
): void {
  for (const key of serviceRanges) {
    const isSaid = own.some((one) => one.path.join(".") === [...path, key].join("."));
    if (coe[key] !== undefined && !kind.services.ranges.includes(key) && !isSaid)
      problems.push({
        path: [...path, key],
        message: `found ${coe[key]}; ${aCoe(coe.kind)} has no such range: leave it out`,
      });
  }
  if (coe.loadBalancerPool !== undefined && kind.services.balancers !== undefined)
    problems.push({
      path: [...path, "loadBalancerPool"],
      message: `found ${coe.loadBalancerPool}; ${aCoe(coe.kind)}'s load balancers have their addresses from ${kind.services.balancers.program}: leave it out`,
    });
  else if (coe.loadBalancerPool !== undefined && coe.loadBalancerCidr === undefined)
    problems.push({
      path: [...path, "loadBalancerPool"],
      message: `found ${coe.loadBalancerPool} without a range; needed: loadBalancerCidr`,
    });
  if (coe.announceServices && coe.serviceCidr === undefined)
    problems.push({
      path: [...path, "announceServices"],
      message: kind.services.ranges.includes("serviceCidr")
        ? "found true without a range to announce; needed: serviceCidr"
        : `found true; ${aCoe(coe.kind)} has no service range: leave it out`,
    });
}

/** A range that retires is still one of the COE's, and it needs another one to move to. */
function retiring(
  path: Path,
  { retiring: given = [], podCidr = [] }: CoeDraft,
  problems: Problem[],
) {
  for (const range of given) {
    if (podCidr.includes(range)) continue;
    problems.push({
      path,
      message: `found ${range}; allowed: ranges of podCidr: ${podCidr.join(", ")}`,
    });
  }
  if (podCidr.length > 0 && podCidr.every((range) => given.includes(range)))
    problems.push({
      path,
      message: `found all ranges of podCidr; needed: one that containers move to, written in podCidr after ${podCidr.join(", ")}`,
    });
}

function word(
  path: Path,
  found: string | undefined,
  allowed: readonly string[],
  problems: Problem[],
): void {
  if (found === undefined || allowed.includes(found)) return;
  const close = nearest(found, allowed);
  const hint = close === undefined ? "" : `; did you mean ${close}?`;
  const list = [...allowed].sort().join(", ");
  problems.push({ path, message: `found ${JSON.stringify(found)}; allowed: ${list}${hint}` });
}

/** RFC 6793 numbers; 0, 23456, 65535 and 4294967295 are reserved (RFC 7607, RFC 6793, RFC 7300). */
function asn(path: Path, value: number | undefined, problems: Problem[]): void {
  if (value === undefined) return;
  const reservedNumbers = [0, 23456, 65535, 4294967295];
  const inRange = Number.isInteger(value) && value >= 0 && value <= 4294967295;
  if (inRange && !reservedNumbers.includes(value)) return;
  const what = inRange ? `${value}, which is reserved` : `${value}`;
  const form = Number.isInteger(value) ? "" : '; the dotted form is a text, such as "64512.10"';
  problems.push({
    path,
    message: `found ${what}${form}; allowed: 1 to 4294967294 without 23456 and 65535; for private use 64512 to 65534 (RFC 6996)`,
  });
}

/** Prefix lengths of blocks that Calico IPAM takes. */
const blockSizes = { 4: [20, 32], 6: [116, 128] } as const;

function isBlockSize(value: number, family: Family): boolean {
  const [least, most] = blockSizes[family];
  return Number.isInteger(value) && value >= least && value <= most;
}

function blockSize(
  path: Path,
  value: number | undefined,
  family: Family,
  problems: Problem[],
): void {
  if (value === undefined || isBlockSize(value, family)) return;
  const [least, most] = blockSizes[family];
  problems.push({ path, message: `found ${value}; allowed: ${least} to ${most} (Calico IPAM)` });
}

function label(path: Path, name: string, problems: Problem[]): void {
  if (isLabel(name)) return;
  problems.push({
    path,
    message: `found the name ${JSON.stringify(name)}; allowed: ${labelRule}`,
  });
}

/**
 * A cluster that is there already has given its nodes their names, often whole domain names; the lab makes hosts of
 * them.
 */
function nodeNames(path: Path, { access, nodes }: CoeDraft, problems: Problem[]): void {
  const whole = Object.keys(nodes).filter((name) => access !== undefined && name.includes("."));
  for (const name of whole) {
    const good = name.length <= 253 && name.split(".").every((part) => isLabel(part));
    if (!good)
      problems.push({
        path: [...path, name],
        message: `found the name ${JSON.stringify(name)}; allowed: a DNS name: labels of a-z, 0-9 and - with dots between them (RFC 1123)`,
      });
  }
  const labels = Object.keys(nodes).filter((name) => !whole.includes(name));
  names(path, labels, problems);
}

/** Names become host names, container names and object names: DNS labels (RFC 1123), different in more than case. */
function names(path: Path, keys: readonly string[], problems: Problem[]): void {
  const seen = new Map<string, string>();
  for (const key of keys) {
    label([...path, key], key, problems);
    const twin = seen.get(key.toLowerCase());
    if (twin !== undefined)
      problems.push({
        path: [...path, key],
        message: `found the name ${JSON.stringify(key)}, which differs from ${JSON.stringify(twin)} only in case; allowed: names that differ in more`,
      });
    seen.set(key.toLowerCase(), key);
  }
}
