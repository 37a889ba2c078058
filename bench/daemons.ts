import { makePlan, parseConfig } from "../components/kinds/planning";
import { routerKind } from "../components/reflector/kinds";

/** The AS of everybody. */
export const asn = 64511;

/** A kind of reflector outside a container. */
interface Daemon {
  /** As its container starts it, with sockets of its own. */
  argv(host: string, file: string): readonly string[];
  /** A file of sessions with clients and nothing else. */
  bare(address: string, clients: readonly string[]): readonly string[];
}

const gobgp: Daemon = {
  argv: (host, file) => [
    ...["/usr/local/bin/gobgpd", "-t", "toml", "-f", file, "-r", "--pprof-disable"],
    ...["--metrics-path=", "--api-hosts", `unix:///w/${host}.api`],
  ],
  bare: (address, clients) => [
    "[global.config]",
    `as = ${asn}`,
    `router-id = "${address}"`,
    ...clients.flatMap((client) => [
      "[[neighbors]]",
      "[neighbors.config]",
      `neighbor-address = "${client}"`,
      `peer-as = ${asn}`,
      "[neighbors.route-reflector.config]",
      "route-reflector-client = true",
      `route-reflector-cluster-id = "${address}"`,
    ]),
  ],
};

const bird: Daemon = {
  argv: (host, file) => [
    ...["/usr/sbin/bird", "-f", "-R", "-c", file],
    ...["-s", `/w/${host}.ctl`, "-P", `/w/${host}.pid`],
  ],
  bare: (address, clients) => [
    `router id ${address};`,
    "protocol device { }",
    ...clients.flatMap((client, at) => [
      `protocol bgp c${at} {`,
      `  local ${address} as ${asn}; neighbor ${client} as ${asn}; multihop;`,
      `  rr client; rr cluster id ${address}; connect delay time 1; connect retry time 5;`,
      "  ipv4 { import all; export all; next hop keep; };",
      "}",
    ]),
  ],
};

const frr: Daemon = {
  argv: (host, file) => [
    ...["/usr/lib/frr/bgpd", "-S", "-Z", "-P", "0", "-f", file],
    ...["-i", `/w/${host}.pid`, "--vty_socket", "/w"],
  ],
  bare: (address, clients) => [
    `router bgp ${asn}`,
    ` bgp router-id ${address}`,
    ` bgp cluster-id ${address}`,
    ...clients.map((client) => ` neighbor ${client} remote-as ${asn}`),
    " address-family ipv4 unicast",
    ...clients.map((client) => `  neighbor ${client} route-reflector-client`),
    " exit-address-family",
  ],
};

const daemons: Readonly<Record<string, Daemon>> = { gobgp, bird, frr };

/** The kinds that are measured. */
export const measuredKinds = Object.keys(daemons);

function daemonOf(kind: string): Daemon {
  const daemon = daemons[kind];
  if (daemon === undefined) throw new Error(`no daemon of kind ${kind}`);
  return daemon;
}

export function daemonArgv(kind: string, host: string, file: string): readonly string[] {
  return daemonOf(kind).argv(host, file);
}

/** @param clients addresses by name */
export function bareFile(
  kind: string,
  address: string,
  clients: Readonly<Record<string, string>>,
): string {
  return `${daemonOf(kind).bare(address, Object.values(clients)).join("\n")}\n`;
}

/** What the plan of one COE with these nodes has a reflector read. @param clients addresses by name */
export function renderedFile(
  kind: string,
  address: string,
  clients: Readonly<Record<string, string>>,
): string {
  const nodes = Object.entries(clients).map(([name, address]) => [name, { address }]);
  const plan = makePlan(
    parseConfig({
      network: { supernet: "10.0.0.0/8", nodes: "172.30.0.0/16", asn },
      reflectors: { rr: { kind, address } },
      coes: {
        bench: {
          kind: "kubernetes",
          podCidr: "10.0.0.0/8",
          policy: "open",
          access: { kubeconfig: "/nowhere" },
          nodes: Object.fromEntries(nodes),
        },
      },
    }),
  );
  const reflector = plan.reflectors.rr;
  if (reflector === undefined) throw new Error("no reflector in the plan");
  return routerKind(kind).render(plan, reflector);
}
