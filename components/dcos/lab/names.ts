import {
  type HostFile,
  type HostFiles,
  type HostUnit,
  hostRoot,
  programRoot,
} from "../../../lab/contract";
import { renderJson, renderService } from "../../../lab/hosts/render";
import type { CoePlan } from "../../../plan/types";
import { type ForwardedZone, forwardBlocks } from "../../../util/corefile";
import { hostPrefix } from "../../../util/net";

/**
 * The zones of DC/OS, each with a Mesos-DNS of its own behind the name server of the host: names that are a task's agent,
 * and names that are the task's own address. On DC/OS itself dcos-net answers for the second ("DC/OS Domain Name
 * Service").
 */
const zones = [
  { zone: "mesos", domain: "mesos", port: 61053, addresses: ["host", "netinfo"] },
  {
    zone: "thisdcos.directory",
    domain: "containerip.dcos.thisdcos.directory",
    port: 61054,
    addresses: ["netinfo"],
  },
] as const;

/** Where every agent of DC/OS has a name server for its tasks, at an address that leaves no host. */
const ownAddress = "198.51.100.1";

const nothing: HostFiles = { files: [], units: [] };

/** The name servers of a master: for its own zones, and for those of other COEs. */
export function masterNames(coe: CoePlan, mesos: string): HostFiles {
  if (!hasNames(coe)) return nothing;
  const served = servedBy(coe);
  const corefile = corefileOf([
    ...served.map(({ zone, port }) => ({ zone, servers: [`127.0.0.1:${port}`] })),
    ...foreignZones(coe),
  ]);
  const sources = served.map((zone) => mesosDns(zone, mesos));
  const resolver = resolverOf("127.0.0.1");
  return {
    files: [corefile, resolver, ...sources.map(({ file }) => file)],
    units: [nameServerUnit(resolver, []), ...sources.map(({ unit }) => unit)],
  };
}

/** The name server of an agent, which its tasks ask: it sends them on to the masters, and to other COEs. */
export function agentNames(coe: CoePlan, master: string): HostFiles {
  if (!hasNames(coe)) return nothing;
  const corefile = corefileOf([
    ...servedBy(coe).map(({ zone }) => ({ zone, servers: [`${master}:53`] })),
    ...foreignZones(coe),
  ]);
  const resolver = resolverOf(ownAddress);
  // DC/OS has a dummy interface for it, which not every machine's kernel can make.
  const own = ["/sbin/ip", "address", "replace", hostPrefix(ownAddress), "dev", "lo"];
  return { files: [corefile, resolver], units: [nameServerUnit(resolver, [own])] };
}

/** Packages find the masters, and each other, by their names. */
function servedBy({ names, packages }: CoePlan): readonly (typeof zones)[number][] {
  return names === undefined && packages === undefined ? [] : zones;
}

function hasNames(coe: CoePlan): boolean {
  return servedBy(coe).length > 0 || Object.keys(coe.forwards).length > 0;
}

function foreignZones({ forwards }: CoePlan): ForwardedZone[] {
  return Object.entries(forwards).map(([zone, servers]) => ({ zone, servers }));
}

/** Nobody is asked for other names: there is no way out of the lab. */
function corefileOf(forwarded: readonly ForwardedZone[]): HostFile {
  return { path: "Corefile", text: forwardBlocks(forwarded) };
}

/** Whom programs of the host ask. */
function resolverOf(address: string): HostFile {
  return { path: "resolv.conf", text: `nameserver ${address}\n` };
}

function nameServerUnit(resolver: HostFile, prepare: readonly (readonly string[])[]): HostUnit {
  return {
    name: "lab-names.service",
    reads: ["Corefile", resolver.path],
    text: renderService({
      description: "Name server, in place of dcos-net",
      after: ["network.target"],
      prepare: [
        ...prepare,
        // Not moved into place: the file is a mount of the container's runtime.
        ["/bin/cp", `${hostRoot}/${resolver.path}`, "/etc/resolv.conf"],
      ],
      start: [[`${programRoot}/coredns`, "-conf", `${hostRoot}/Corefile`]],
    }),
  };
}

function mesosDns(
  { domain, port, addresses }: (typeof zones)[number],
  mesos: string,
): { file: HostFile; unit: HostUnit } {
  const file: HostFile = {
    path: `mesos-dns-${port}.json`,
    // Newer than the masters say within seconds; DC/OS itself waits for a minute.
    text: renderJson({
      masters: [mesos],
      refreshSeconds: 2,
      ttl: 5,
      domain,
      listener: "127.0.0.1",
      port,
      HttpOn: false,
      externalOn: false,
      IPSources: addresses,
    }),
  };
  const unit: HostUnit = {
    name: `mesos-dns-${port}.service`,
    reads: [file.path],
    text: renderService({
      description: `Mesos-DNS for ${domain}`,
      after: ["dcos-master.service"],
      start: [[`${programRoot}/mesos-dns`, `-config=${hostRoot}/${file.path}`]],
    }),
  };
  return { file, unit };
}
