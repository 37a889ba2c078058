import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  output,
  type Resource,
  secret,
  unsecret,
} from "@pulumi/pulumi";
import { familiesOfCoe } from "../../plan/one-family";
import { addressAt } from "../../util/net";
import { listOf } from "../../util/ranges";
import { makeProbe, providerSettings, secretKubeconfig } from "../cluster/deploy";
import type { CoeArgs } from "../contract/deploy";
import { UpdateOrder } from "../order";
import { sessionsOf } from "../reflector/sessions";
import { calicoObjects, calicoPlan } from "../speakers/calico/objects";
import { asItIs, isAdopted } from "../speakers/calico/pools";
import { withServicesOf } from "../speakers/calico/service-ranges";
import type { BGPConfiguration, CalicoObject, CalicoPlan } from "../speakers/calico/types";
import { KubernetesAddons } from "./addons";
import { apiServers } from "./addons/dashboard-policy";
import type { KubernetesEndpoints } from "./deploy";
import type { GiveBackInput, InspectInput } from "./inspect/input";
import type { AddonsConfig } from "./model/config";
import { calicoNamespaceOf } from "./model/namespace";
import type { NodeAsInput } from "./node-as";
import { storedObject } from "./objects";
import { parsePast } from "./past";
import { poolParts } from "./pool-parts";
import {
  passwordData,
  passwordNames,
  passwordObjects,
  passwordSecretObject,
  passwordSecrets,
} from "./session-passwords";

interface ApplyOptions {
  readonly dependsOn?: Resource[];
  /** Whether the object stays when the resource goes. */
  readonly keep?: boolean;
  /** The part it was before. */
  readonly was?: string;
}

/** What a cluster is given beside what any COE is. */
export interface KubernetesArgs extends Omit<CoeArgs<KubernetesEndpoints>, "given"> {
  /** What a cluster needs beside its network. Default: none is made. */
  readonly addons?: AddonsConfig;
}

/** Joins one Kubernetes cluster to the plan: Calico's objects by the Kubernetes API, and the probe. */
export class KubernetesPeering extends ComponentResource {
  constructor(name: string, args: KubernetesArgs, options?: ComponentResourceOptions) {
    const { plan, coe, access, probe, order = new UpdateOrder() } = args;
    super("seamless:index:KubernetesPeering", name, { coe: plan.coes[coe] }, options);
    const calico = calicoPlan(plan, coe);
    const passwords = passwordNames(plan, coe);
    const objects = calicoObjects(calico);
    const looked = this.look(name, args, calico);
    order.looked.add(...looked);
    // Where there are no reflectors, there is nothing to widen.
    const ready = async (...more: Resource[]) =>
      order.widened.and(...(await order.looked.and(...more)));
    const provider = new k8s.Provider(
      `${name}-cluster`,
      {
        ...providerSettings(coe, access),
        // CoreDNS reads a changed Corefile by itself; a ConfigMap that is made anew would be away meanwhile.
        enableConfigMapMutable: true,
        // calico-node follows a changed password, and would have none while the Secret is made anew.
        ...(passwords.length === 0 ? {} : { enableSecretMutable: true }),
      },
      { parent: this },
    );
    const apply = (
      object: CalicoObject,
      part: string,
      { dependsOn = [], keep = false, was }: ApplyOptions = {},
    ): Resource =>
      new k8s.apiextensions.CustomResource(`${name}-${part}`, storedObject(object), {
        parent: this,
        provider,
        dependsOn: ready(...dependsOn),
        retainOnDelete: keep,
        ...(was === undefined ? {} : { aliases: [{ name: `${name}-${was}` }] }),
      });

    // One that was there before is given back as it is then: its pods go on using it.
    const pools = poolParts(Object.keys(objects.pools)).flatMap(({ range, part, was }) => {
      const pool = objects.pools[range];
      if (pool === undefined) return [];
      const keep = isAdopted(calico, range);
      return [
        apply(keep ? asItIs(pool) : pool, part, { keep, ...(was === undefined ? {} : { was }) }),
      ];
    });
    const ranges = Object.entries(objects.ranges).map(([part, range]) =>
      apply(range, `range-${part}`),
    );
    const { sets, tier, policy: admission } = objects.admission;
    const needed = [
      ...Object.entries(sets).map(([of, set]) => apply(set, `set-${of}`)),
      ...(tier === undefined ? [] : [apply(tier, "tier")]),
    ];
    const policy = apply(admission, "policy", { dependsOn: needed });
    if (objects.datastore !== undefined)
      apply(objects.datastore, "datastore-policy", { dependsOn: [policy] });
    // There is one BGPConfiguration for the whole cluster, and it may be there already and say more: only our fields are
    // set, and given back at the end.
    const { nodeToNodeMeshEnabled, ...bgp } = objects.configuration.spec;
    const patch = (part: string, spec: Input<object>, dependsOn: Promise<Resource[]>): Resource =>
      new k8s.apiextensions.CustomResourcePatch(
        `${name}-${part}`,
        { ...storedObject(objects.configuration), spec },
        { parent: this, provider, dependsOn },
      );
    const nodes = this.nodes(name, args, calico, ready());
    const announced = this.besideThePast(bgp, args, looked);
    const configuration = patch("bgp", announced, ready(...nodes));
    const secrets =
      passwords.length === 0 ? [] : this.passwords(name, args, calico, provider, ready());
    const filters = Object.entries(objects.filters).map(([part, filter]) =>
      apply(filter, `filter-${part}`),
    );
    const peers = Object.entries(objects.peers).map(([far, peer]) =>
      apply(peer, `peer-${far.replaceAll("/", "-")}`, {
        dependsOn: [configuration, ...secrets, ...filters],
      }),
    );
    const sessions = this.sessions(name, args, peers);
    const mesh = patch("mesh", { nodeToNodeMeshEnabled }, ready(...peers, ...sessions));
    this.giveBack(name, args, looked, [mesh, ...pools]);
    order.moved.add(
      ...pools,
      ...ranges,
      ...needed,
      policy,
      ...nodes,
      configuration,
      ...filters,
      ...peers,
      mesh,
    );

    const { addons = {} } = args;
    if (Object.keys(addons).length > 0) {
      const planned = plan.coes[coe];
      const { forwards = {} } = planned ?? {};
      const [serviceCidr] = listOf(planned?.serviceCidr);
      new KubernetesAddons(
        `${name}-addons`,
        {
          coe,
          addons,
          dnsAddress: serviceCidr === undefined ? undefined : addressAt(serviceCidr, 10),
          forwards,
          apiServers: planned === undefined ? [] : apiServers(planned),
          provider,
          ...(access.kubeconfig === undefined ? {} : { kubeconfig: access.kubeconfig }),
          ...(access.context === undefined ? {} : { context: access.context }),
          looked: order.looked,
          after: [...pools, ...ranges, policy, configuration],
        },
        { parent: this },
      );
    }
    if (probe !== undefined) {
      const planned = plan.coes[coe];
      const { announced = {}, names } = planned ?? {};
      makeProbe(name, {
        probe,
        coe: { announced, ...(names === undefined ? {} : { names }) },
        families: planned === undefined ? [] : familiesOfCoe(planned),
        ...{ parent: this, provider, ready: ready() },
        after: [...pools, ...ranges, policy, configuration],
      });
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }

  /** Looks at the cluster before anything is changed, and fails with what stands in the way. */
  private look(
    name: string,
    { plan, coe, access }: KubernetesArgs,
    calico: CalicoPlan,
  ): local.Command[] {
    const own = plan.coes[coe];
    if (own === undefined) return [];
    const { context } = access;
    const input: InspectInput = {
      coe: own,
      calico,
      ...(context === undefined ? {} : { context }),
    };
    return [
      new local.Command(
        `${name}-inspect`,
        {
          create: "bin/seamless internal kubernetes-inspect",
          stdin: JSON.stringify(input, null, 2),
          ...secretKubeconfig(access),
        },
        { parent: this },
      ),
    ];
  }

  /** Nodes that are in an AS of their own are told before the others are, and forget it after them. */
  private nodes(
    name: string,
    { access }: KubernetesArgs,
    { asn, nodes }: CalicoPlan,
    dependsOn: Promise<Resource[]>,
  ): Resource[] {
    if (nodes === undefined) return [];
    const { context } = access;
    const input: NodeAsInput = {
      asn,
      nodes: { ...nodes },
      ...(context === undefined ? {} : { context }),
    };
    return [
      new local.Command(
        `${name}-node-as`,
        {
          create: "bin/seamless internal kubernetes-node-as",
          update: "bin/seamless internal kubernetes-node-as",
          delete: "bin/seamless internal kubernetes-node-as-delete",
          stdin: JSON.stringify(input, null, 2),
          ...secretKubeconfig(access),
        },
        { parent: this, dependsOn },
      ),
    ];
  }

  /** What peers with a password refer to. */
  private passwords(
    name: string,
    { plan, coe, reflectors, bgpPasswords = {}, order = new UpdateOrder() }: KubernetesArgs,
    calico: CalicoPlan,
    provider: k8s.Provider,
    dependsOn: Promise<Resource[]>,
  ): Resource[] {
    const { looked, turns } = order;
    const own = plan.coes[coe];
    const namespace = own === undefined ? undefined : calicoNamespaceOf(own);
    const secrets = passwordSecrets(plan, calico);
    const objects = passwordObjects(
      secrets.map((one) => one.name),
      namespace,
    );
    const options = { parent: this, provider, dependsOn };
    const data = secret(
      output(bgpPasswords).apply((all) => passwordData(passwordNames(plan, coe), all)),
    );
    // Nodes get the other password of a reflector's sessions as soon as it has it, and before the next reflector changes.
    const afterOwn = (reflector: string) => {
      const resource = reflectors?.[reflector]?.resource;
      return turns.has(reflector) && resource !== undefined ? looked.and(resource) : dependsOn;
    };
    const made = secrets.map(({ name: of, reflector }) => {
      const object = passwordSecretObject(of, namespace);
      if (reflector === undefined)
        return new k8s.core.v1.Secret(`${name}-bgp-passwords`, { ...object, data }, options);
      const one = new k8s.core.v1.Secret(
        `${name}-bgp-passwords-${reflector}`,
        { ...object, data },
        { ...options, dependsOn: afterOwn(reflector), ...turns.keying(reflector, coe) },
      );
      turns.add(reflector, one);
      return one;
    });
    return [
      ...made,
      new k8s.rbac.v1.Role(`${name}-bgp-passwords-role`, objects.role, options),
      new k8s.rbac.v1.RoleBinding(`${name}-bgp-passwords-binding`, objects.binding, options),
    ];
  }

  /** Ranges of services that the cluster announces already stay announced. */
  private besideThePast(
    bgp: Partial<BGPConfiguration["spec"]>,
    { fresh = false }: KubernetesArgs,
    looked: readonly local.Command[],
  ): Input<object> {
    const [look] = looked;
    const announces = Object.keys(bgp).some((field) => field.startsWith("service"));
    if (fresh || !announces || look === undefined) return bgp;
    // The kubeconfig makes a secret of what the step prints, which holds no part of it.
    return unsecret(look.stdout).apply((text) => withServicesOf(bgp, parsePast(text)?.bgp));
  }

  /** When the stack goes, what was there before comes back, ahead of everything else. */
  private giveBack(
    name: string,
    { access, fresh = false }: KubernetesArgs,
    looked: readonly local.Command[],
    dependsOn: Resource[],
  ): void {
    const [look] = looked;
    if (fresh || look === undefined) return;
    const { context } = access;
    new local.Command(
      `${name}-give-back`,
      {
        delete: "bin/seamless internal kubernetes-give-back",
        stdin: look.stdout.apply((text) => {
          const input: GiveBackInput = {
            ...(context === undefined ? {} : { context }),
            past: parsePast(text) ?? null,
          };
          return JSON.stringify(input);
        }),
        ...secretKubeconfig(access),
      },
      { parent: this, dependsOn },
    );
  }

  /** Waits for the sessions, so that no node is without routes when the mesh, or another reflector, goes. */
  private sessions(name: string, args: KubernetesArgs, peers: readonly Resource[]): Resource[] {
    const reflectors = Object.values(args.reflectors ?? {});
    if (reflectors.length === 0) return [];
    return [
      new local.Command(
        `${name}-sessions`,
        {
          create: "bin/seamless internal reflector-sessions",
          stdin: JSON.stringify(sessionsOf(args)),
        },
        { parent: this, dependsOn: [...peers, ...reflectors.map(({ resource }) => resource)] },
      ),
    ];
  }
}
