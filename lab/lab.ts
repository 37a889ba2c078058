import { dirname, join } from "node:path";
import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { Shell } from "../plan/access";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import { exitCode, SeamlessError } from "../util/errors";
import {
  type LabCredentials,
  type LabKind,
  type LabKinds,
  type LabPorts,
  type LabRouters,
  labKindOf,
  labNames,
  portOf,
} from "./contract";
import { filesDigest, routersDigest } from "./hosts/digest";
import { archiveFolder, imagesGeneration, routerMachines } from "./images";
import { hostFolders, tagOf } from "./images/images";
import { machineNames } from "./machine/names";
import { hostContainer, hostFolder } from "./names";
import { fabricNetwork, hostNetworks, type LabNetwork, separateRacks } from "./networks";
import { portName, portsOf } from "./ports";
import {
  dockerNetwork,
  type HostOptions,
  type LabRouterAccess,
  labRouter,
  type MadeNetwork,
  networkAt,
} from "./router";

export interface LabArgs {
  /** By kind of COE: how the lab makes one. */
  readonly kinds: LabKinds;
  /** Names the lab's namespace, network and containers; two labs on one machine differ in it. */
  readonly name: string;
  readonly ports: LabPorts;
  readonly plan: Plan;
  /** Names of the COEs the lab is to have, a subset of the plan's. */
  readonly coes: readonly string[];
  /** The plan's reflectors whose machines the lab is to have, by their names, and how it makes one of each kind. Default: none. */
  readonly routers?: { readonly names: readonly string[]; readonly kinds: LabRouters };
  /** Folder with the built programs, which every host sees. */
  readonly programs: string;
  /** Folder of this project, compiled; the packages it imports are beside it. */
  readonly project: string;
  /** Changes when the lab's machine has to be made again: after a boot, or when its Docker daemon has died. */
  readonly generation: string;
}

/** One COE of the lab, as the rest of the program sees any COE. */
export interface LabCoe {
  /** How it is reached, in the words of its kind. */
  readonly endpoints: object;
  /** How to run a program on a node, by its name. */
  readonly nodes: Readonly<Record<string, Shell>>;
  /** What must be there before the COE's API answers. */
  readonly started: Resource;
}

/** The machines of a lab and the COEs on them, made by the same update that uses them. */
export class Lab extends ComponentResource {
  /** Where the lab's Docker daemon listens. */
  readonly dockerHost: string;
  /** The Docker network that stands in for the node network, or for that of one rack. */
  readonly network: Output<string>;
  /** There once Docker answers. */
  readonly machine: Resource;
  /** By name. */
  readonly coes: Readonly<Record<string, LabCoe>>;
  /** By name. */
  readonly routers: Readonly<Record<string, LabRouterAccess>>;

  constructor(name: string, args: LabArgs, options?: ComponentResourceOptions) {
    const coes = args.coes.flatMap((coe) => args.plan.coes[coe] ?? []);
    super("seamless:index:Lab", name, { name: args.name, ports: args.ports }, options);
    this.dockerHost = machineNames(args.name).dockerHost;

    const machine = this.step(`${name}-machine`, "lab-machine", {
      input: { name: args.name, forwards: forwardsOf(coes, args) },
      environment: { SEAMLESS_GENERATION: args.generation },
      remove: "lab-machine-down",
    });
    this.machine = machine;
    const others = labNames(args.kinds, coes);
    const { names: routerNames, kinds: allRouters } = args.routers ?? { names: [], kinds: {} };
    const routers = routerNames.flatMap((one) => args.plan.reflectors[one] ?? []);
    const routerKinds = [...new Set(routers.map(({ kind }) => kind))].sort();
    const images = this.step(`${name}-images`, "lab-images", {
      input: {
        name: args.name,
        ...(others.length === 0 ? {} : { kinds: others }),
        ...(routerKinds.length === 0 ? {} : { routers: routerKinds }),
      },
      environment: {
        SEAMLESS_IMAGES: imagesGeneration(
          args.kinds,
          others,
          routerMachines(allRouters, routerKinds),
        ),
      },
      dependsOn: [machine],
    });
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: this.dockerHost },
      { parent: this, dependsOn: [machine] },
    );
    // The end of the machine takes away all that its Docker daemon has.
    const within = { parent: this, provider, deletedWith: machine };
    const racks = separateRacks(args.plan);
    const network = (one: LabNetwork): MadeNetwork => ({
      ...one,
      made: dockerNetwork(`${name}-${one.resource}`, args.name, one, {
        ...within,
        dependsOn: [machine],
      }),
    });
    const networks = hostNetworks(args.name, args.plan).map(network);
    this.network = networkAt(networks, "").made.name;

    const credentials = this.credentials(name, args, coes, machine);
    const files = this.step(`${name}-files`, "lab-hosts", {
      input: { lab: args.name, coes, ...(racks.length === 0 ? {} : { racks }) },
      environment: { SEAMLESS_FILES: filesDigest(coes, args.kinds, racks) },
      dependsOn: [machine, ...Object.values(credentials)],
    });
    const between = racks.length === 0 ? [] : [network(fabricNetwork(args.name, racks))];
    const written =
      routers.length === 0
        ? []
        : [
            this.step(`${name}-routers`, "lab-routers", {
              input: { lab: args.name, plan: args.plan, routers: routerNames },
              environment: { SEAMLESS_FILES: routersDigest(args.plan, routerNames, allRouters) },
              dependsOn: [machine],
            }),
          ];
    this.routers = Object.fromEntries(
      routers.map((router) => {
        const { container, read } = labRouter(
          { name, lab: args.name, dockerHost: this.dockerHost, kinds: allRouters },
          router,
          [networkAt(networks, router.address), ...between],
          { ...within, dependsOn: [...written, images] },
        );
        const started = this.step(`${name}_${router.name}-started`, "lab-router", {
          input: { lab: args.name, router: router.name, kind: router.kind },
          dependsOn: [container],
        });
        return [router.name, { read, started }];
      }),
    );
    const made = coes.map((coe): [string, LabCoe] => {
      const hosts = Object.values(coe.nodes).map((node) =>
        this.host(
          `${name}-${coe.name}-${node.name}`,
          args,
          coe,
          node,
          networkAt(networks, node.address).made,
          { ...within, dependsOn: [files, images] },
        ),
      );
      const started = this.step(`${name}-${coe.name}`, "lab-start", {
        input: { lab: args.name, coe, ports: portsOf(args.ports, coe.name) },
        environment: { SEAMLESS_IMAGES: images.stdout },
        dependsOn: [...hosts, ...Object.values(this.routers).map(({ started: one }) => one)],
      });
      const endpoints = kindOf(coe, args).endpoints(
        portsOf(args.ports, coe.name),
        credentials[coe.name]?.stdout,
      );
      return [coe.name, { endpoints, nodes: this.shells(args.name, coe), started }];
    });
    this.coes = Object.fromEntries(made);
    this.registerOutputs({ dockerHost: this.dockerHost });
  }

  private shells(lab: string, coe: CoePlan): Record<string, Shell> {
    const { dockerHost } = this;
    const shells = Object.values(coe.nodes).map((node): [string, Shell] => [
      node.name,
      { via: "docker", dockerHost, container: hostContainer(lab, coe.name, node.name) },
    ]);
    return Object.fromEntries(shells);
  }

  /** The administrator's credentials of each COE that has some; apart from the files, so that they stay known. */
  private credentials(
    name: string,
    args: LabArgs,
    coes: readonly CoePlan[],
    machine: Resource,
  ): Record<string, local.Command> {
    const entries = coes.flatMap((coe): [string, local.Command][] => {
      const needed = kindOf(coe, args).credentials;
      if (needed === undefined) return [];
      const administrator = needed.of(portsOf(args.ports, coe.name));
      const step = this.step(`${name}-${coe.name}-credentials`, "lab-credentials", {
        input: {
          lab: args.name,
          coe: withoutChanges(coe, needed),
          server: administrator.server,
          administrator: administrator.administrator,
        },
        dependsOn: [machine],
        secret: true,
      });
      return [[coe.name, step]];
    });
    return Object.fromEntries(entries);
  }

  private host(
    name: string,
    args: LabArgs,
    coe: CoePlan,
    node: NodePlan,
    network: docker.Network,
    options: HostOptions,
  ): docker.Container {
    const mounts: readonly (readonly [source: string, target: string])[] = [
      [args.programs, hostFolders.programs],
      [args.project, hostFolders.project],
      [join(dirname(args.project), "node_modules"), hostFolders.modules],
      [archiveFolder(args.name), hostFolders.images],
      [hostFolder(args.name, coe.name, node), hostFolders.files],
    ];
    return new docker.Container(
      name,
      {
        name: hostContainer(args.name, coe.name, node.name),
        image: tagOf(kindOf(coe, args).machine),
        hostname: node.name,
        // systemd, containerd and Felix: a host is a whole machine but for its kernel.
        privileged: true,
        cgroupnsMode: "private",
        restart: "unless-stopped",
        stopSignal: "SIGRTMIN+3",
        tmpfs: { "/run": "", "/run/lock": "" },
        mounts: mounts.map(([source, target]) => ({
          type: "bind",
          source,
          target,
          readOnly: true,
        })),
        volumes: kindOf(coe, args)
          .volumes(node)
          .map((containerPath) => ({ containerPath })),
        networksAdvanced: [
          {
            name: network.name,
            ipv4Address: node.address,
            ...(node.address6 === undefined ? {} : { ipv6Address: node.address6 }),
          },
        ],
        labels: [{ label: "seamless.lab", value: args.name }],
      },
      { ...options, deleteBeforeReplace: true },
    );
  }

  /** A step of the command line; all that varies goes by standard input or environment. */
  private step(
    name: string,
    step: string,
    what: {
      readonly input: unknown;
      readonly environment?: Readonly<Record<string, Input<string>>>;
      readonly remove?: string;
      readonly dependsOn?: Resource[];
      readonly secret?: boolean;
    },
  ): local.Command {
    const run = `bin/seamless internal ${step}`;
    return new local.Command(
      name,
      {
        create: run,
        update: run,
        ...(what.remove === undefined ? {} : { delete: `bin/seamless internal ${what.remove}` }),
        stdin: `${JSON.stringify(what.input, null, 2)}\n`,
        ...(what.environment === undefined ? {} : { environment: what.environment }),
      },
      {
        parent: this,
        dependsOn: what.dependsOn ?? [],
        ...(what.secret === true ? { additionalSecretOutputs: ["stdout"] } : {}),
      },
    );
  }
}

/** @throws SeamlessError when the lab has no hosts of that kind */
function kindOf(coe: CoePlan, { kinds }: Pick<LabArgs, "kinds">): LabKind {
  const kind = labKindOf(kinds, coe);
  if (kind !== undefined) return kind;
  throw new SeamlessError(
    `coes.${coe.name}.access: found embedded; the lab has hosts of kind ${namesOf(kinds)}`,
    exitCode.usage,
  );
}

function namesOf(kinds: LabKinds): string {
  const able = Object.entries(kinds).filter(([, kind]) => kind !== undefined);
  return able.map(([name]) => name).join(", ");
}

/** @throws SeamlessError when two COEs claim one port, which the configuration has refused before */
function forwardsOf(coes: readonly CoePlan[], args: Pick<LabArgs, "kinds" | "ports">) {
  const forwards: Record<string, { port: number; to: string }> = {};
  for (const coe of coes) {
    for (const [kindsName, to] of Object.entries(kindOf(coe, args).forwards(coe))) {
      const name = portName(args.ports, coe.name, kindsName);
      if (forwards[name] !== undefined)
        throw new SeamlessError(`lab.ports.${name}: two COEs claim it`, exitCode.usage);
      forwards[name] = { port: portOf(args.ports, name), to };
    }
  }
  return forwards;
}

/** A COE as its credentials see it: nothing else may make them unknown. */
function withoutChanges(
  { name, kind, speaker, serviceCidr, blockSize, nodes }: CoePlan,
  credentials: LabCredentials,
): CoePlan {
  const needed = Object.entries(nodes).filter(([, node]) => credentials.dependOn(node));
  return {
    name,
    kind,
    ...(speaker === undefined ? {} : { speaker }),
    deployed: true,
    podCidr: "",
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    announced: {},
    policy: { mode: "open", from: [] },
    natOutgoing: false,
    forwards: {},
    addons: [],
    blockSize,
    blocks: 0,
    nodes: Object.fromEntries(needed),
  };
}
