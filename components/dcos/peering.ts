import { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import type { CoePlan } from "../../plan";
import { SeamlessError } from "../../util/errors";
import type { CoeArgs } from "../contract/deploy";
import { indented, keptStep } from "../kept-step";
import { UpdateOrder } from "../order";
import { sessionsOf } from "../reflector/sessions";
import { calicoObjects, calicoPlan, inOrder } from "../speakers/calico/objects";
import { asItIs, isAdopted } from "../speakers/calico/pools";
import { calicoV1Yaml, calicoYaml } from "../speakers/calico/render";
import type { CalicoObject, CalicoPlan } from "../speakers/calico/types";
import { dcosCluster, stepInput, stepSecrets } from "./access";
import type { MarathonAppInput } from "./app-input";
import { balancerApp } from "./balancer-app";
import { type CalicoEtcdInput, meshOf } from "./calico-etcd";
import type { CalicoEtcdV1Input } from "./calico-etcd-v1";
import type { CalicoMeshInput } from "./calico-mesh";
import type { DcosEndpoints } from "./deploy";
import type { DcosInspectInput } from "./inspect/input";
import type { PackagesConfig } from "./model/config";
import { appsService } from "./model/services";
import type { CalicoNodeAsInput } from "./node-as";
import { DcosPackage } from "./package";
import { type PackageName, packageSpecs } from "./packages";
import { type DcosProbe, type MarathonApp, probeApp } from "./probe-app";

/** What a cluster is given beside what any COE is. */
export interface DcosArgs extends Omit<CoeArgs<DcosEndpoints>, "given" | "probe"> {
  readonly probe?: DcosProbe;
  /** What of the cluster's catalogue is installed. Default: nothing. */
  readonly packages?: PackagesConfig;
}

/**
 * Joins one DC/OS cluster to the plan: the packages it is to have, Calico's objects in its etcd datastore, the address of
 * its load balancers, and the probe. What is used by another is there before it: etcd, Calico's objects, the second
 * Marathon, the load balancer, apps.
 */
export class DcosPeering extends ComponentResource {
  constructor(name: string, args: DcosArgs, options?: ComponentResourceOptions) {
    const { plan, coe, probe, packages = {}, order = new UpdateOrder() } = args;
    const own = plan.coes[coe];
    super("seamless:index:DcosPeering", name, { coe: own }, options);
    if (own === undefined) throw new SeamlessError(`coes.${coe}: not in the plan`);

    order.looked.add(this.look(name, args, own));
    // Where there are no reflectors, there is nothing to widen.
    const ready = async (...more: Resource[]) =>
      order.widened.and(...(await order.looked.and(...more)));
    const etcd = this.install(name, args, own, "etcd", ready());
    const nodes = this.nodes(name, args, ready(...etcd));
    const calico = this.calico(name, args, own, ready(...etcd, ...nodes));
    const mesh = this.mesh(name, args, own, calico);
    order.moved.add(...nodes, calico, ...mesh);
    const users = this.install(name, args, own, "marathon-user", [...etcd, calico]);
    const balancers = this.install(name, args, own, "marathon-lb", [calico, ...users]);

    const address = balancerApp(own);
    if (address !== undefined) {
      const input = { args, service: "marathon", app: address };
      this.app(`${name}-load-balancer`, input, [calico, ...balancers]);
    }
    if (probe !== undefined) {
      const { "marathon-lb": balancer } = packages;
      const group = balancer === undefined ? undefined : (balancer.group ?? "external");
      const app = probeApp(plan, coe, probe, group);
      // Tasks get their addresses from the pool.
      const needed = [calico, ...users, ...balancers];
      this.app(`${name}-probe`, { args, service: appsService(own), app }, needed);
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }

  /** @returns the package, if it is asked for */
  private install(
    name: string,
    { access, coe, packages = {} }: DcosArgs,
    own: CoePlan,
    which: PackageName,
    dependsOn: Resource[] | Promise<Resource[]>,
  ): Resource[] {
    const spec = packageSpecs(own, packages)[which];
    if (spec === undefined) return [];
    const cluster = dcosCluster(access, coe);
    const options = { parent: this, dependsOn };
    return [new DcosPackage(`${name}-${which}`, { ...spec, cluster }, options)];
  }

  /** Looks at the cluster before anything is changed, and fails with what stands in the way. */
  private look(name: string, args: DcosArgs, coe: CoePlan): Resource {
    const input: DcosInspectInput = {
      ...stepInput(args.access, coe.name),
      coe,
      calico: calicoPlan(args.plan, coe.name),
      etcdEndpoints: etcdOf(args),
    };
    return new local.Command(
      `${name}-inspect`,
      {
        create: "bin/seamless internal dcos-inspect",
        stdin: indented(input),
        ...stepSecrets(args.access),
      },
      { parent: this },
    );
  }

  private calico(
    name: string,
    args: DcosArgs,
    coe: CoePlan,
    dependsOn: Promise<Resource[]>,
  ): local.Command {
    const etcdEndpoints = etcdOf(args);
    const calico = calicoPlan(args.plan, coe.name);
    if (coe.calicoApi === "v1") {
      const input: CalicoEtcdV1Input = {
        etcdEndpoints,
        documents: calicoV1Yaml(calico),
        asNumber: calico.asn,
        ...(calico.ownMesh === true ? { nodeToNodeMesh: "on" as const } : {}),
      };
      return this.datastore(`${name}-calico-v1`, "calico-etcd-v1", input, dependsOn);
    }
    const input: CalicoEtcdInput = {
      etcdEndpoints,
      objects: calicoYaml(adoptedAsTheyAre(calico)),
    };
    return this.datastore(`${name}-calico`, "calico-etcd", input, dependsOn);
  }

  /** Nodes that are in an AS of their own are told before the others are, and forget it after them. */
  private nodes(name: string, args: DcosArgs, dependsOn: Promise<Resource[]>): Resource[] {
    const { asn, nodes } = calicoPlan(args.plan, args.coe);
    if (nodes === undefined) return [];
    const input: CalicoNodeAsInput = { etcdEndpoints: etcdOf(args), asn, nodes: { ...nodes } };
    return [this.datastore(`${name}-node-as`, "calico-node-as", input, dependsOn)];
  }

  /** What a step and its counterpart keep in Calico's datastore. */
  private datastore(
    name: string,
    step: string,
    input: object,
    dependsOn: Promise<Resource[]>,
  ): local.Command {
    return keptStep(name, step, input, { parent: this, dependsOn });
  }

  /** The mesh goes off when every node has its session with every reflector. Where it is the plan's, it stays on. */
  private mesh(name: string, args: DcosArgs, coe: CoePlan, calico: local.Command): Resource[] {
    if (calicoPlan(args.plan, coe.name).ownMesh === true) return [];
    const input: CalicoMeshInput = { etcdEndpoints: etcdOf(args), ...sessionsOf(args) };
    const step = `bin/seamless internal calico-${coe.calicoApi === "v1" ? "v1-" : ""}mesh`;
    const reflectors = Object.values(args.reflectors ?? {}).map(({ resource }) => resource);
    return [
      new local.Command(
        `${name}-mesh`,
        {
          create: step,
          update: step,
          stdin: indented(input),
          // Whoever has put it on again since then, it goes off again.
          environment: { SEAMLESS_MESH: calico.stdout.apply(meshOf) },
        },
        { parent: this, dependsOn: [calico, ...reflectors] },
      ),
    ];
  }

  /** An app of one of the cluster's Marathons. */
  private app(
    name: string,
    what: {
      readonly args: DcosArgs;
      readonly service: string;
      readonly app: MarathonApp;
    },
    dependsOn: Resource[],
  ): Resource {
    const { args, service, app } = what;
    const input: MarathonAppInput = { ...stepInput(args.access, args.coe), service, app };
    const options = { parent: this, dependsOn };
    return keptStep(name, "marathon-app", input, options, stepSecrets(args.access));
  }
}

/** @throws SeamlessError without endpoints */
function etcdOf({ access, coe }: DcosArgs): string[] {
  if (access.etcdEndpoints !== undefined) return [...access.etcdEndpoints];
  throw new SeamlessError(
    `coes.${coe}.access.etcd: missing; a DC/OS cluster needs it, for instance ["http://10.0.0.1:2379"]`,
  );
}

/** The objects of the plan, with adopted pools for the nodes they are for. */
function adoptedAsTheyAre(plan: CalicoPlan): readonly CalicoObject[] {
  return inOrder(calicoObjects(plan)).map((object) =>
    object.kind === "IPPool" && isAdopted(plan, object.spec.cidr) ? asItIs(object) : object,
  );
}
