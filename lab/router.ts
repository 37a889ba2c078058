import * as docker from "@pulumi/docker";
import type { Resource } from "@pulumi/pulumi";
import type { ReflectorPlan } from "../plan/types";
import { exitCode, SeamlessError } from "../util/errors";
import { contains, familyOf } from "../util/net";
import type { LabRouters } from "./contract";
import { hostFolders, tagOf } from "./images/images";
import { routerContainer, routerFolder } from "./names";
import type { LabNetwork } from "./networks";

/** Options of what is in the lab's Docker daemon. */
export interface HostOptions {
  readonly parent: Resource;
  readonly provider: docker.Provider;
  readonly dependsOn: Resource[];
  readonly deletedWith: Resource;
}

/** A Docker network of the lab, with the ranges that are on it. */
export type MadeNetwork = LabNetwork & { readonly made: docker.Network };

export function dockerNetwork(
  name: string,
  lab: string,
  { docker: known, subnets, options: settings }: LabNetwork,
  options: HostOptions,
): docker.Network {
  return new docker.Network(
    name,
    {
      name: known,
      driver: "bridge",
      ipamConfigs: subnets.map((subnet) => ({ subnet })),
      ...(subnets.some((range) => familyOf(range) === 6) ? { ipv6: true } : {}),
      ...(settings === undefined ? {} : { options: settings }),
      labels: [{ label: "seamless.lab", value: lab }],
    },
    options,
  );
}

/** The network of a host with an address: the one there is, or that of its rack. */
export function networkAt(networks: readonly MadeNetwork[], address: string): MadeNetwork {
  const own = networks.find(({ subnets }) => subnets.some((range) => contains(range, address)));
  const found = own ?? networks[0];
  if (found === undefined) throw new Error("the lab has no network");
  return found;
}

/** A router of the lab, as the rest of the program sees one of somebody else. */
export interface LabRouterAccess {
  /** What asks it: the program that answers there, and how it is run. */
  readonly read: { readonly program: string; readonly argv: readonly string[] };
  /** What must be there before it answers. */
  readonly started: Resource;
}

/** The lab that a router is in. */
export interface RouterPlace {
  /** Of the lab's component. */
  readonly name: string;
  readonly lab: string;
  readonly dockerHost: string;
  readonly kinds: LabRouters;
}

/**
 * The machine of a router that its owner configures, who is the lab.
 * @param networks that of its hosts first
 * @returns its machine, and what asks it there
 * @throws SeamlessError when the lab makes no routers of that kind
 */
export function labRouter(
  { name, lab, dockerHost, kinds }: RouterPlace,
  router: ReflectorPlan,
  [own, ...others]: readonly MadeNetwork[],
  options: HostOptions,
): Pick<LabRouterAccess, "read"> & { readonly container: docker.Container } {
  const kind = kinds[router.kind];
  if (kind === undefined)
    throw new SeamlessError(
      `reflectors.${router.name}.access: found embedded; the lab makes no router of kind ${router.kind}`,
      exitCode.usage,
    );
  const known = routerContainer(lab, router.name);
  const addresses = {
    ipv4Address: router.address,
    ...(router.address6 === undefined ? {} : { ipv6Address: router.address6 }),
  };
  const container = new docker.Container(
    // No host is called so.
    `${name}_${router.name}`,
    {
      name: known,
      image: tagOf(kind.machine),
      hostname: router.name,
      privileged: true,
      cgroupnsMode: "private",
      restart: "unless-stopped",
      stopSignal: "SIGRTMIN+3",
      tmpfs: { "/run": "", "/run/lock": "" },
      mounts: [
        {
          type: "bind",
          source: routerFolder(lab, router.name),
          target: hostFolders.files,
          readOnly: true,
        },
      ],
      networksAdvanced: [
        ...(own === undefined ? [] : [{ name: own.made.name, ...addresses }]),
        ...others.map(({ made }) => ({ name: made.name })),
      ],
      labels: [{ label: "seamless.lab", value: lab }],
    },
    { ...options, deleteBeforeReplace: true },
  );
  const { program, argv } = kind.read;
  return {
    read: { program, argv: ["docker", "--host", dockerHost, "exec", known, ...argv] },
    container,
  };
}
