import { isLabel } from "../util/label";
import { type CoeDraft, type Fields, isFields } from "./draft";
import type { KindFacts } from "./kinds";
import type { Path, Problem } from "./problems";

/** What is said of packages and apps of DC/OS: who has any, and whether there is room for them. */
export function packages(path: Path, coe: CoeDraft, kind: KindFacts, problems: Problem[]): void {
  const here = [...path, "packages"];
  for (const name of Object.keys(coe.packages)) {
    if (kind.packages.length === 0)
      problems.push({
        path: [...here, name],
        message: `a ${coe.kind} engine has no packages: leave it out`,
      });
  }
  const { etcd } = coe.packages;
  if (etcd !== undefined && kind.packages.includes("etcd")) {
    members([...here, "etcd", "size"], etcd, coe, kind, problems);
    etcdProblems([...here, "etcd", "options"], etcd, coe.access?.etcd !== undefined, problems);
  }
  const service = coe.packages["marathon-user"]?.options;
  named([...here, "marathon-user", "options"], service, problems);
  balancers(path, coe, kind, problems);
}

/** A majority has to be there to go on (Raft), and members have ports of their own: one for each private agent. */
function members(
  path: Path,
  { size }: Fields,
  coe: CoeDraft,
  { defaultRole }: KindFacts,
  problems: Problem[],
): void {
  const agents = Object.values(coe.nodes).filter(
    (node) => (node.role ?? defaultRole) === "private",
  );
  const wanted = typeof size === "number" ? size : 3;
  if (wanted < 3 || wanted % 2 === 0)
    problems.push({ path, message: `found ${wanted}; allowed: an odd number from 3` });
  else if (wanted > agents.length)
    problems.push({
      path,
      message: `found ${size === undefined ? `none, which means ${wanted}` : wanted} with ${agents.length} private agents; each member needs one of its own: plan ${wanted} or more`,
    });
}

/** Options of the package etcd by which its members are found. */
export function etcdOptions(options: unknown): {
  readonly framework?: string;
  readonly port?: number;
  readonly tls: boolean;
} {
  const { service, etcd } = isFields(options) ? options : {};
  const name = isFields(service) ? service.name : undefined;
  const port = isFields(etcd) ? etcd.client_port : undefined;
  return {
    ...(typeof name === "string" ? { framework: name } : {}),
    ...(typeof port === "number" ? { port } : {}),
    tls: isFields(etcd) && etcd.tls_enabled === true,
  };
}

/**
 * Options by which members are found are followed where they can be.
 * @param elsewhere whether the configuration names the datastore's endpoints by itself
 */
function etcdProblems(path: Path, etcd: Fields, elsewhere: boolean, problems: Problem[]): void {
  const at = (...keys: string[]): unknown =>
    keys.reduce<unknown>((value, key) => (isFields(value) ? value[key] : undefined), etcd.options);
  const refuse = (keys: string[], message: string) =>
    problems.push({
      path: [...path, ...keys],
      message: `found ${JSON.stringify(at(...keys))}${message}`,
    });
  const name = at("service", "name");
  if (name !== undefined && !(typeof name === "string" && isLabel(name)))
    refuse(
      ["service", "name"],
      "; members are found by Mesos-DNS as etcd-0-node.<name>.mesos; allowed: a DNS label such as etcd, without folders",
    );
  const port = at("etcd", "client_port");
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535;
  if (port !== undefined && !isPort) refuse(["etcd", "client_port"], "; allowed: 1 to 65535");
  const count = at("node", "count");
  if (count !== undefined && count !== (etcd.size ?? 3))
    refuse(["node", "count"], "; the plan counts members by size: set size, and leave this out");
  if (elsewhere) return;
  if (at("etcd", "use_auto_tls") === true)
    refuse(
      ["etcd", "use_auto_tls"],
      "; nobody signs these certificates, so Calico would not trust them: use tls_enabled, or name the datastore in access.etcd",
    );
  if (at("service", "virtual_network_enabled") === true)
    refuse(
      ["service", "virtual_network_enabled"],
      "; Calico is needed for its own datastore then, and members have no port on their agents: leave it out, or name the datastore in access.etcd",
    );
}

/** Apps, names and the load balancer find the second Marathon by its name. */
function named(path: Path, options: unknown, problems: Problem[]): void {
  const service = isFields(options) ? options.service : undefined;
  const name = isFields(service) ? service.name : undefined;
  if (name === undefined || name === "marathon-user") return;
  problems.push({
    path: [...path, "service", "name"],
    message: `found ${JSON.stringify(name)}; allowed: marathon-user, by which it is found`,
  });
}

/** A range of load balancers needs some that have addresses of it. */
function balancers(
  path: Path,
  coe: CoeDraft,
  { balancers, defaultRole }: KindFacts,
  problems: Problem[],
): void {
  if (balancers === undefined || coe.loadBalancerCidr === undefined) return;
  const here = [...path, "loadBalancerCidr"];
  if (coe.packages[balancers.package] === undefined)
    problems.push({
      path: here,
      message: `found ${coe.loadBalancerCidr} without a load balancer; needed: packages.${balancers.package}`,
    });
  const roles = Object.values(coe.nodes).map(({ role }) => role ?? defaultRole);
  if (!roles.includes(balancers.role))
    problems.push({
      path: here,
      message: `found ${coe.loadBalancerCidr} and no node with role ${balancers.role}, which is where ${balancers.package} runs; needed: such a node`,
    });
}
