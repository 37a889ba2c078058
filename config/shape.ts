import { z } from "zod";
import { parseAsNumber } from "../util/as-number";
import type { Path, Problem } from "./problems";
import type { CalicoApi, DashboardKind, DnsKind, PolicyMode, ProbeForm } from "./types";
import { describe, didYouMean, inWords } from "./words";

const port = z
  .int()
  .refine((value) => value >= 1 && value <= 65535, { error: "allowed: 1 to 65535" });

/** Stands for the nodes that the engine itself says it has. */
export const fromCluster = "fromCluster";

const oneOrMore = (map: object) => Object.keys(map).length > 0;

/** One range, or a list of them. */
const ranges = z.union([
  z.string(),
  z.array(z.string()).refine(oneOrMore, { error: "allowed: one range or more in it" }),
]);

/** A number, or a text with one or with two halves and a dot between ("64512.10"). */
const asNumber = z.preprocess(
  (given) => (typeof given === "string" ? (parseAsNumber(given) ?? given) : given),
  z.number(),
);

const node = z.strictObject({
  address: z.string(),
  role: z.string().exactOptional(),
  asn: asNumber.exactOptional(),
  speaker: z.boolean().exactOptional(),
});

const external = z.strictObject({
  kubeconfig: z.string().exactOptional(),
  context: z.string().exactOptional(),
  url: z.string().exactOptional(),
  ca: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  etcd: z.array(z.string()).exactOptional(),
  allowHttp: z.boolean().exactOptional(),
  ssh: z.strictObject({ user: z.string(), port: port.exactOptional() }).exactOptional(),
});

const reflector = z.strictObject({
  kind: z.string(),
  address: z.string(),
  clusterId: z.string().exactOptional(),
  port: port.exactOptional(),
  asn: asNumber.exactOptional(),
  dockerHost: z.string().exactOptional(),
  dockerCerts: z.string().exactOptional(),
  allowPlainTcp: z.boolean().exactOptional(),
  image: z.string().exactOptional(),
  network: z.string().exactOptional(),
});

const probeForms: readonly ProbeForm[] = ["networks", "ipAddress"];
const calicoApis: readonly CalicoApi[] = ["v1", "v3"];
const policyModes: readonly PolicyMode[] = ["open", "cross-coe", "closed"];

const image = z.string().exactOptional();
const images = z.record(z.string(), z.string()).exactOptional();
const dnsKinds: readonly DnsKind[] = ["coredns", "kube-dns"];
const dashboardKinds: readonly DashboardKind[] = ["kubernetes-dashboard", "kube-web-view"];
const dns = z.strictObject({
  kind: z.enum(dnsKinds).exactOptional(),
  image,
  images,
  replicas: z.int().min(1, { error: "allowed: 1 or more" }).exactOptional(),
  upstream: z.array(z.string()).exactOptional(),
});
const metrics = z.strictObject({ image, insecureKubelets: z.boolean().exactOptional() });
const dashboard = z.strictObject({ kind: z.enum(dashboardKinds).exactOptional(), images });
const heapster = z.strictObject({ image });
const addons = z.strictObject({
  dns: dns.exactOptional(),
  metrics: metrics.exactOptional(),
  dashboard: dashboard.exactOptional(),
  heapster: heapster.exactOptional(),
});

const packageFields = {
  version: z.string().exactOptional(),
  options: z.record(z.string(), z.unknown()).exactOptional(),
  adopt: z.boolean().exactOptional(),
};
const etcd = z.strictObject({ ...packageFields, size: z.int().exactOptional() });
const marathonUser = z.strictObject({
  ...packageFields,
  publicAgents: z.boolean().exactOptional(),
  removeApps: z.boolean().exactOptional(),
});
const marathonLb = z.strictObject({ ...packageFields, group: z.string().exactOptional() });
const packages = z.strictObject({
  etcd: etcd.exactOptional(),
  "marathon-user": marathonUser.exactOptional(),
  "marathon-lb": marathonLb.exactOptional(),
});

const names = z.strictObject({
  zones: z.array(z.string()).exactOptional(),
  servers: z.array(z.string()).exactOptional(),
});

const coe = z.strictObject({
  kind: z.string(),
  podCidr: ranges,
  retiring: z.array(z.string()).exactOptional(),
  pool: z.union([z.string(), z.record(z.string(), z.string())]).exactOptional(),
  serviceCidr: z.string().exactOptional(),
  announceServices: z.boolean().default(false),
  loadBalancerCidr: z.string().exactOptional(),
  loadBalancerPool: z.boolean().exactOptional(),
  externalCidr: z.string().exactOptional(),
  blockSize: z.number().exactOptional(),
  deploy: z.boolean().default(true),
  access: z.union([z.literal("embedded"), external]),
  probe: z
    .strictObject({
      instances: z.int().min(1, { error: "allowed: 1 or more" }).exactOptional(),
      image: z.string().exactOptional(),
      form: z.enum(probeForms).exactOptional(),
    })
    .exactOptional(),
  policy: z.enum(policyModes).exactOptional(),
  allowFrom: z.array(z.string()).exactOptional(),
  allowFromHosts: z.array(z.string()).exactOptional(),
  policyOverrides: z.array(z.string()).exactOptional(),
  natOutgoing: z.boolean().default(false),
  names: names.exactOptional(),
  addons: addons.default({}),
  packages: packages.default({}),
  calicoApi: z.enum(calicoApis).exactOptional(),
  calicoNamespace: z.string().exactOptional(),
  nodes: z.union([
    z.literal(fromCluster),
    z.record(z.string(), node).refine(oneOrMore, { error: "allowed: one or more" }),
  ]),
});

/** The shape of the configuration; what the values may be is config/rules.ts's business. */
export const shape = z.strictObject({
  network: z.strictObject({
    supernet: ranges.exactOptional(),
    nodes: ranges,
    asn: asNumber,
    blockSize: z.number().default(26),
  }),
  reflectors: z.record(z.string(), reflector).refine(oneOrMore, { error: "allowed: one or more" }),
  coes: z.record(z.string(), coe),
  lab: z
    .strictObject({
      name: z.string().default("lab"),
      ports: z
        .strictObject({
          kubernetes: port.default(16443),
          etcd: port.default(12379),
          dcos: port.default(18080),
        })
        .prefault({}),
    })
    .exactOptional(),
});

export type Shape = z.infer<typeof shape>;

/** What zod found, in our words. */
export function shapeProblems(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => explain(issue, []));
}

function explain(issue: z.core.$ZodIssue, base: Path): Problem[] {
  const path = [...base, ...issue.path.map(String)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, path));
    case "invalid_union":
      return explainUnion(issue, path);
    default:
      return [{ path, message: inWords(issue) }];
  }
}

/** What is one range or a list of them; the list comes last in its union. */
function listed(path: Path): string | undefined {
  const key = path.at(-1);
  if (key !== "podCidr" && path[0] !== "network") return undefined;
  return `a range such as ${key === "nodes" ? "172.16.18.0/24" : "192.168.0.0/16"}, or a list of ranges`;
}

/** What is a word or a map; the map comes last in its union. */
const wordOrMap: Readonly<Record<string, string>> = {
  access: "embedded, or an object such as { kubeconfig: ~/.kube/config }",
  pool: "the name of a pool, or a map from range to name",
  nodes: `a map such as { worker-1: { address: 10.1.0.21 } }, or ${fromCluster}`,
};

/** `access` and `nodes` are a word or a map: a map is judged by the map's rules. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] {
  const { input, errors } = issue;
  const list = listed(path);
  const isList = Array.isArray(input);
  const judged =
    list !== undefined ? isList : typeof input === "object" && input !== null && !isList;
  if (judged) return (errors.at(-1) ?? []).flatMap((one) => explain(one, path));
  return [
    { path, message: `${describe(input)}; allowed: ${list ?? wordOrMap[path.at(-1) ?? ""]}` },
  ];
}

/** The keys each place knows, by its path with names replaced by `*`. */
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(shape.shape),
  network: Object.keys(shape.shape.network.shape),
  "reflectors.*": Object.keys(reflector.shape),
  "coes.*": Object.keys(coe.shape),
  "coes.*.access": Object.keys(external.shape),
  "coes.*.access.ssh": ["port", "user"],
  "coes.*.addons": Object.keys(addons.shape),
  "coes.*.addons.dns": Object.keys(dns.shape),
  "coes.*.addons.metrics": Object.keys(metrics.shape),
  "coes.*.addons.dashboard": Object.keys(dashboard.shape),
  "coes.*.addons.heapster": Object.keys(heapster.shape),
  "coes.*.packages": Object.keys(packages.shape),
  "coes.*.packages.etcd": Object.keys(etcd.shape),
  "coes.*.packages.marathon-user": Object.keys(marathonUser.shape),
  "coes.*.packages.marathon-lb": Object.keys(marathonLb.shape),
  "coes.*.names": Object.keys(names.shape),
  "coes.*.probe": ["form", "image", "instances"],
  "coes.*.nodes.*": Object.keys(node.shape),
  lab: ["name", "ports"],
  "lab.ports": ["dcos", "etcd", "kubernetes"],
};

function unknownKey(path: Path, key: string, parent: Path): Problem {
  const place = parent.map((part, index) => (isName(parent, index) ? "*" : part)).join(".");
  const known = [...(knownKeys[place] ?? [])].sort();
  return { path, message: `unknown key; allowed: ${known.join(", ")}${didYouMean(key, known)}` };
}

function isName(path: Path, index: number): boolean {
  return (
    (index === 1 && (path[0] === "coes" || path[0] === "reflectors")) ||
    (index === 3 && path[2] === "nodes")
  );
}
