import { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import type { Shell } from "../../plan/access";
import type { NodePlan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";
import type { CoeArgs } from "../contract/deploy";
import { indented } from "../kept-step";
import { type HostAccess, hostResource } from "../linux/deploy";
import { keyVariable } from "../linux/input";
import { hostInputOf } from "../linux/planned";
import { sshShellOf } from "../linux/shell";
import { UpdateOrder } from "../order";
import { containersOf } from "./model/plan";
import type { ProbeInput } from "./probe";

/** Joins plain hosts to the plan, each by two resources: what looks at it, and what brings it to the plan. */
export class Hosts extends ComponentResource {
  constructor(name: string, args: CoeArgs<HostAccess>, options?: ComponentResourceOptions) {
    const { plan, coe, access, probe, nodes = {}, order = new UpdateOrder() } = args;
    const own = plan.coes[coe];
    super("seamless:index:Hosts", name, { coe: own }, options);
    if (own === undefined) throw new SeamlessError(`coes.${coe}: not in the plan`);
    const shellOf = (node: NodePlan): Shell => {
      const shell = access.ssh === undefined ? nodes[node.name] : sshShellOf(access.ssh, node);
      if (shell !== undefined) return shell;
      throw new SeamlessError(`coes.${coe}.access.ssh: missing; its hosts are reached by it`);
    };
    const speakers = Object.values(own.nodes).filter(({ speaker }) => speaker);
    const applied = speakers.map((node) =>
      hostResource({
        name: `${name}-${node.name}`,
        input: hostInputOf(plan, own, node, shellOf(node), containersOf(own)),
        steps: { look: "host-look", apply: "host-apply", remove: "host-remove" },
        ...{ order, parent: this, access, plan },
        ...(args.bgpPasswords === undefined ? {} : { bgpPasswords: args.bgpPasswords }),
      }),
    );
    if (probe !== undefined) {
      const hosts = speakers
        .slice(0, probe.instances)
        .map((node) => ({ name: node.id, shell: shellOf(node) }));
      const input: ProbeInput = {
        hosts,
        ...(probe.image === undefined ? {} : { image: probe.image }),
      };
      this.probe(`${name}-probe`, input, access, applied);
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }

  private probe(
    name: string,
    input: ProbeInput,
    { privateKey }: HostAccess,
    dependsOn: Resource[],
  ): void {
    new local.Command(
      name,
      {
        create: "bin/seamless internal host-probe",
        update: "bin/seamless internal host-probe",
        delete: "bin/seamless internal host-probe-remove",
        stdin: indented(input),
        environment: privateKey === undefined ? {} : { [keyVariable]: privateKey },
      },
      { parent: this, dependsOn },
    );
  }
}
