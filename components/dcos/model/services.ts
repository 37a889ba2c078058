import type { CoePlan } from "../../../plan/types";
import { withPort } from "../../../util/net";
import { dcosPart } from "./plan";
import { etcdPort } from "./ports";

/** The port at which clients find the members of the etcd that is installed as a package. */
export function etcdPortOf(coe: CoePlan): number {
  const { datastore = [] } = dcosPart(coe);
  const port = datastore[0]?.split(":").at(-1);
  return port === undefined ? etcdPort : Number(port);
}

/**
 * Where members of the etcd that is installed as a package may be, for those outside who do not know their names: on
 * private agents, at the same port. Some agents have none when there are more than members; clients go on to the next.
 * Undefined where there is no such package.
 */
export function etcdMembers(coe: CoePlan): string[] | undefined {
  if (coe.packages?.includes("etcd") !== true) return undefined;
  return etcdNodes(coe).map((address) => withPort(address, etcdPortOf(coe)));
}

/**
 * URLs of that etcd for a client outside, such as calicoctl. With TLS members are asked by the names that their
 * certificates are for, which the client has to be able to resolve.
 */
export function etcdUrls(coe: CoePlan): string[] | undefined {
  const { datastore, datastoreTls } = dcosPart(coe);
  if (datastoreTls === true) return datastore?.map((member) => `https://${member}`);
  return etcdMembers(coe)?.map((member) => `http://${member}`);
}

/** Addresses of the nodes that may have a member of that etcd; none without the package. */
export function etcdNodes(coe: CoePlan): string[] {
  if (coe.packages?.includes("etcd") !== true) return [];
  return Object.values(coe.nodes)
    .filter(({ role }) => role === "private")
    .map(({ address }) => address);
}

/**
 * The address of Admin Router's at which marathon-lb reads its Marathon without a login; undefined where it does not. The
 * second Marathon listens on a port that Mesos lends it, so Admin Router, which finds it by its labels, is the way to it.
 */
export function openBalancer(coe: CoePlan): string | undefined {
  const { packages = [] } = coe;
  const { balancerReads } = dcosPart(coe);
  const asks = packages.includes("marathon-lb") && packages.includes("marathon-user");
  return asks && balancerReads === undefined ? adminRouterPath("marathon-user") : undefined;
}

/** Where a service is found from inside the cluster, whatever its port. */
export function adminRouterPath(service: string): string {
  return `http://master.mesos/service/${service}`;
}

/** The service of DC/OS that runs the users' apps: the second Marathon where there is one. */
export function appsService(coe: CoePlan): "marathon-user" | "marathon" {
  return coe.packages?.includes("marathon-user") === true ? "marathon-user" : "marathon";
}
