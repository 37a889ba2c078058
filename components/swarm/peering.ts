import { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import type { Shell } from "../../plan/access";
import type { CoePlan, NodePlan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";
import { busyboxServer } from "../cluster/probe";
import type { CoeArgs } from "../contract/deploy";
import { indented, keptStep } from "../kept-step";
import { type HostAccess, hostResource } from "../linux/deploy";
import { keyVariable } from "../linux/input";
import { hostInputOf } from "../linux/planned";
import { sshShellOf } from "../linux/shell";
import { UpdateOrder } from "../order";
import type {
  SwarmInspectInput,
  SwarmNetworkInput,
  SwarmNodeInput,
  SwarmProbeInput,
} from "./input";
import { lookOf } from "./inspect/look";
import { swarmPart } from "./model/plan";
import { settingsOf } from "./networks";
import { probeService } from "./probe";
import { managersFirst } from "./read";

/** By name of the node, how a program is run there. */
type Hosts = Readonly<Record<string, Shell>>;

/**
 * Joins one Docker Swarm to the plan: on each node the settings of a network with the node's own range, the network itself
 * on a manager, what speaks BGP on the nodes and lets others in, and the probe. Everything else of the swarm stays as it is.
 */
export class SwarmPeering extends ComponentResource {
  constructor(name: string, args: CoeArgs<HostAccess>, options?: ComponentResourceOptions) {
    const { plan, coe: of, probe, access, order = new UpdateOrder() } = args;
    const coe = plan.coes[of];
    super("seamless:index:SwarmPeering", name, { coe }, options);
    if (coe === undefined) throw new SeamlessError(`coes.${of}: not in the plan`);
    const hosts = args.nodes ?? hostsOf(coe, access);
    const managers = managersFirst(coe);

    const looked: SwarmInspectInput = { hosts, ...lookOf(plan, coe) };
    order.looked.add(this.look(`${name}-inspect`, looked, access));
    const ready = async (...more: Resource[]) =>
      order.widened.and(...(await order.looked.and(...more)));
    // What goes is removed the other way round: a network that is in use stops it before any node falls silent.
    const speakers = this.speakers(name, args, coe, hosts, order);
    const settings = Object.values(coe.nodes).map((node) => {
      const { [node.name]: speaker } = speakers;
      const own = ready(...(speaker === undefined ? [] : [speaker]));
      return this.settings(`${name}-${node.name}-network`, coe, node, hosts, access, own);
    });
    const wanted: SwarmNetworkInput = { hosts, managers, network: swarmPart(coe).network };
    const network = this.step(
      ...([`${name}-network`, "swarm-network", wanted, access, ready(...settings)] as const),
    );
    order.moved.add(...settings, network);
    if (probe !== undefined) {
      const service = probeService(coe, probe, ["/bin/busybox", "sh", "-c", busyboxServer]);
      const input: SwarmProbeInput = { hosts, managers, service };
      this.step(`${name}-probe`, "swarm-probe", input, access, [network]);
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }

  /** Looks at the swarm before anything is changed, and fails with what stands in the way. */
  private look(name: string, input: SwarmInspectInput, access: HostAccess): Resource {
    const run = "bin/seamless internal swarm-inspect";
    return new local.Command(
      name,
      { create: run, update: run, stdin: indented(input), ...keyOf(access) },
      { parent: this },
    );
  }

  /** The settings of the network on one node. */
  private settings(
    name: string,
    coe: CoePlan,
    node: NodePlan,
    hosts: Hosts,
    access: HostAccess,
    dependsOn: Promise<Resource[]>,
  ): Resource {
    const input: SwarmNodeInput = {
      hosts: Object.fromEntries(Object.entries(hosts).filter(([host]) => host === node.name)),
      ...{ node: node.name, settings: settingsOf(coe, node) },
    };
    return this.step(name, "swarm-node", input, access, dependsOn);
  }

  /** By name of the node, what speaks BGP there and lets others in. */
  private speakers(
    name: string,
    args: CoeArgs<HostAccess>,
    coe: CoePlan,
    hosts: Hosts,
    order: UpdateOrder,
  ): Readonly<Record<string, Resource>> {
    const { plan, access, bgpPasswords } = args;
    const speakers = Object.values(coe.nodes).filter(({ speaker }) => speaker);
    const made = speakers.flatMap((node) => {
      const shell = hosts[node.name];
      if (shell === undefined) return [];
      const resource = hostResource({
        name: `${name}-${node.name}`,
        input: hostInputOf(plan, coe, node, shell, "own"),
        steps: {
          ...{ look: "swarm-host-look", apply: "swarm-host-apply", remove: "swarm-host-remove" },
        },
        ...{ order, parent: this, access, plan },
        ...(bgpPasswords === undefined ? {} : { bgpPasswords }),
      });
      return [[node.name, resource] as const];
    });
    return Object.fromEntries(made);
  }

  /** A step and its counterpart. */
  private step(
    name: string,
    step: string,
    input: object,
    access: HostAccess,
    dependsOn: Promise<Resource[]> | Resource[],
  ): Resource {
    return keptStep(name, step, input, { parent: this, dependsOn }, keyOf(access));
  }
}

/** @throws SeamlessError where the nodes cannot be reached */
function hostsOf(coe: CoePlan, { ssh }: HostAccess): Hosts {
  if (ssh === undefined)
    throw new SeamlessError(`coes.${coe.name}.access.ssh: missing; its nodes are reached by it`);
  return Object.fromEntries(
    Object.values(coe.nodes).map((node) => [node.name, sshShellOf(ssh, node)]),
  );
}

function keyOf({ privateKey }: HostAccess) {
  return privateKey === undefined ? {} : { environment: { [keyVariable]: secret(privateKey) } };
}
