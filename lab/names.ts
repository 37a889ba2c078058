import { join } from "node:path";
import type { NodePlan } from "../plan/types";
import { label } from "../util/label";
import { machineNames } from "./machine/names";

/** The Docker network that stands in for the node network. */
export function networkName(lab: string): string {
  return `seamless-${lab}`;
}

/** Container of a host; container names are unique per daemon, and the daemon is the lab's own. */
export function hostContainer(lab: string, coe: string, node: string): string {
  return `seamless-${lab}-${coe}-${node}`;
}

/** Folder of one host's files, which the host sees as /etc/lab. */
export function hostFolder(lab: string, coe: string, node: Pick<NodePlan, "name">): string {
  return join(machineNames(lab).folder, "hosts", label("coes", coe), label("nodes", node.name));
}

/** Container of a router; a name that no host has. */
export function routerContainer(lab: string, router: string): string {
  return `seamless-${lab}_${router}`;
}

/** Folder of a router's files, which it sees as /etc/lab. */
export function routerFolder(lab: string, router: string): string {
  return join(machineNames(lab).folder, "routers", label("reflectors", router));
}

/** Folder of a COE's certificates. */
export function pkiFolder(lab: string, coe: string): string {
  return join(machineNames(lab).folder, "pki", label("coes", coe));
}
