import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { isFields } from "../../../config/readable";
import { isLabel } from "../../../util/label";
import { draftOf } from "./config";
import { defaultRole } from "./roles";

type EtcdDraft = NonNullable<NonNullable<ReturnType<typeof draftOf>["packages"]>["etcd"]>;

/** What is wrong with packages, and whether there is room for them. */
export function* packageProblems(path: Path, coe: CoeDraft): Iterable<Problem> {
  const here = [...path, "packages"];
  const { packages = {}, access } = draftOf(coe);
  const { etcd } = packages;
  if (etcd !== undefined) {
    yield* members([...here, "etcd", "size"], etcd, coe);
    yield* etcdProblems([...here, "etcd", "options"], etcd, access?.etcd !== undefined);
  }
  yield* named([...here, "marathon-user", "options"], packages["marathon-user"]?.options);
  yield* balancers(path, coe, packages["marathon-lb"] !== undefined);
}

/** A majority has to be there to go on (Raft), and members have ports of their own: one for each private agent. */
function* members(path: Path, { size }: EtcdDraft, coe: CoeDraft): Iterable<Problem> {
  const agents = Object.values(coe.nodes).filter(
    (node) => (node.role ?? defaultRole) === "private",
  );
  const wanted = typeof size === "number" ? size : 3;
  if (wanted < 3 || wanted % 2 === 0)
    yield { path, message: `found ${wanted}; allowed: an odd number from 3` };
  else if (wanted > agents.length)
    yield {
      path,
      message: `${size === undefined ? `size defaults to ${wanted}` : `found ${wanted}`}, but there are only ${agents.length} private agents; each member needs one of its own: plan ${wanted} or more`,
    };
}

/**
 * Options by which members are found are followed where they can be.
 * @param elsewhere whether the configuration names the datastore's endpoints by itself
 */
function* etcdProblems(path: Path, etcd: EtcdDraft, elsewhere: boolean): Iterable<Problem> {
  const at = (...keys: string[]): unknown =>
    keys.reduce<unknown>((value, key) => (isFields(value) ? value[key] : undefined), etcd.options);
  const refused = (keys: string[], message: string): Problem => ({
    path: [...path, ...keys],
    message: `found ${JSON.stringify(at(...keys))}${message}`,
  });
  const name = at("service", "name");
  if (name !== undefined && !(typeof name === "string" && isLabel(name)))
    yield refused(
      ["service", "name"],
      "; members are found by Mesos-DNS as etcd-0-node.<name>.mesos; allowed: a DNS label such as etcd, without folders",
    );
  const port = at("etcd", "client_port");
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535;
  if (port !== undefined && !isPort)
    yield refused(["etcd", "client_port"], "; allowed: 1 to 65535");
  const count = at("node", "count");
  if (count !== undefined && count !== (etcd.size ?? 3))
    yield refused(
      ["node", "count"],
      "; the plan counts members by size: set size, and leave this out",
    );
  if (elsewhere) return;
  if (at("etcd", "use_auto_tls") === true)
    yield refused(
      ["etcd", "use_auto_tls"],
      "; nobody signs these certificates, so Calico would not trust them: use tls_enabled, or name the datastore in access.etcd",
    );
  if (at("service", "virtual_network_enabled") === true)
    yield refused(
      ["service", "virtual_network_enabled"],
      "; etcd would then need Calico, whose datastore it is, and its members would have no port on their agents: leave it out, or name the datastore in access.etcd",
    );
}

/** Apps, names and the load balancer find the second Marathon by its name. */
function* named(path: Path, options: unknown): Iterable<Problem> {
  const service = isFields(options) ? options.service : undefined;
  const name = isFields(service) ? service.name : undefined;
  if (name === undefined || name === "marathon-user") return;
  yield {
    path: [...path, "service", "name"],
    message: `found ${JSON.stringify(name)}; allowed: marathon-user, by which it is found`,
  };
}

/** A range of load balancers needs some that have addresses of it. */
function* balancers(path: Path, coe: CoeDraft, installed: boolean): Iterable<Problem> {
  if (coe.loadBalancerCidr === undefined) return;
  const here = [...path, "loadBalancerCidr"];
  if (!installed)
    yield {
      path: here,
      message: `found ${coe.loadBalancerCidr} without a load balancer; needed: packages.marathon-lb`,
    };
  const roles = Object.values(coe.nodes).map(({ role }) => role ?? defaultRole);
  if (!roles.includes("public"))
    yield {
      path: here,
      message: `found ${coe.loadBalancerCidr} and no node with role public, which is where marathon-lb runs; needed: such a node`,
    };
}
