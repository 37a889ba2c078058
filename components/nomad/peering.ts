import { local } from "@pulumi/command";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import type { Shell } from "../../plan/access";
import type { CoePlan, NodePlan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";
import type { CoeArgs, Probe } from "../contract/deploy";
import { indented, keptStep } from "../kept-step";
import { hostResource } from "../linux/deploy";
import { keyVariable } from "../linux/input";
import { hostInputOf } from "../linux/planned";
import { sshShellOf } from "../linux/shell";
import { UpdateOrder } from "../order";
import { type NomadReach, tokenVariable } from "./api/access";
import { networkFile, networkPath } from "./cni";
import type { NomadEndpoints } from "./deploy";
import type { NomadInspectInput, NomadJobInput, NomadNetworkInput } from "./input";
import type { ProbeConfig } from "./model/config";
import { nomadPart } from "./model/plan";
import { probeJob } from "./probe-job";

/** What a cluster is given beside what any COE is. */
export interface NomadArgs extends Omit<CoeArgs<NomadEndpoints>, "given" | "probe"> {
  readonly probe?: Probe & ProbeConfig;
}

const hostSteps = {
  look: "nomad-host-look",
  apply: "nomad-host-apply",
  remove: "nomad-host-remove",
} as const;

/**
 * Joins one Nomad cluster to the plan: on each client the bridge with the client's own range, BIRD and rules, then the CNI
 * network that jobs name, then the probe. Everything else of the cluster stays as it is.
 */
export class NomadPeering extends ComponentResource {
  constructor(name: string, args: NomadArgs, options?: ComponentResourceOptions) {
    const { plan, coe: of, probe, order = new UpdateOrder() } = args;
    const coe = plan.coes[of];
    super("seamless:index:NomadPeering", name, { coe }, options);
    if (coe === undefined) throw new SeamlessError(`coes.${of}: not in the plan`);

    const clients = Object.values(coe.nodes).filter(({ speaker }) => speaker);
    order.looked.add(this.look(`${name}-inspect`, args, coe, clients));
    const networks = clients.map((node) => {
      const host = this.host(`${name}-${node.name}`, args, coe, node, order);
      return this.network(`${name}-${node.name}-network`, args, coe, node, host);
    });
    order.moved.add(...networks);
    if (probe !== undefined) this.probe(`${name}-probe`, args, probe, networks);
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }

  /** Looks at the cluster and its clients before anything is changed, and fails with what stands in the way. */
  private look(
    name: string,
    args: NomadArgs,
    coe: CoePlan,
    clients: readonly NodePlan[],
  ): Resource {
    const { access, coe: of } = args;
    const shells = clients.map((node) => [node.name, shellOf(args, node)] as const);
    const input: NomadInspectInput = {
      ...reachOf(access, of),
      hosts: Object.fromEntries(shells),
      coe,
    };
    return new local.Command(
      name,
      {
        create: "bin/seamless internal nomad-inspect",
        stdin: indented(input),
        environment: secretsOf(access),
      },
      { parent: this },
    );
  }

  /** The host of a client: its bridge, BIRD and rules. */
  private host(
    name: string,
    args: NomadArgs,
    coe: CoePlan,
    node: NodePlan,
    order: UpdateOrder,
  ): Resource {
    const { plan, access, bgpPasswords } = args;
    return hostResource({
      ...{ name, order, access, plan, parent: this, steps: hostSteps },
      input: hostInputOf(plan, coe, node, shellOf(args, node), "none"),
      ...(bgpPasswords === undefined ? {} : { bgpPasswords }),
    });
  }

  private network(
    name: string,
    args: NomadArgs,
    coe: CoePlan,
    node: NodePlan,
    host: Resource,
  ): Resource {
    const { access, coe: of } = args;
    const { network, unit } = nomadPart(coe);
    const input: NomadNetworkInput = {
      ...reachOf(access, of),
      name: node.id,
      shell: shellOf(args, node),
      node: { name: node.name, address: node.address },
      file: { network, unit, path: networkPath(coe), text: networkFile(coe, node) },
    };
    return this.step(name, "nomad-network", access, input, [host]);
  }

  private probe(
    name: string,
    { access, coe: of, plan }: NomadArgs,
    probe: Probe & ProbeConfig,
    dependsOn: Resource[],
  ): Resource {
    const input: NomadJobInput = {
      ...reachOf(access, of),
      job: probeJob(plan, of, probe),
      count: probe.instances,
    };
    return this.step(name, "nomad-job", access, input, dependsOn);
  }

  /** A step and its counterpart. */
  private step(
    name: string,
    step: string,
    access: NomadEndpoints,
    input: object,
    dependsOn: Resource[],
  ): Resource {
    return keptStep(
      name,
      step,
      input,
      { parent: this, dependsOn },
      { environment: secretsOf(access) },
    );
  }
}

function shellOf({ access, nodes = {} }: NomadArgs, node: NodePlan): Shell {
  return nodes[node.name] ?? sshShellOf(access.ssh ?? {}, node);
}

/** @throws SeamlessError without a URL */
function reachOf({ url, ca }: NomadEndpoints, coe: string): NomadReach {
  if (url === undefined)
    throw new SeamlessError(
      `coes.${coe}.access.url: missing; a Nomad cluster needs it, for instance "https://nomad.example.com:4646"`,
    );
  return { url, ...(ca === undefined ? {} : { ca }) };
}

/** Token and key, in the environment of a step. */
function secretsOf({ token, privateKey }: NomadEndpoints): Record<string, Input<string>> {
  return {
    ...(token === undefined ? {} : { [tokenVariable]: secret(token) }),
    ...(privateKey === undefined ? {} : { [keyVariable]: secret(privateKey) }),
  };
}
