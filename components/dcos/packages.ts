import type { CoePlan } from "../../plan";
import { isRecord, mergeDeep } from "../../util/json";
import type { MarathonLbPackage, PackageConfig, PackagesConfig } from "./model/config";
import { adminRouterPath, appsService } from "./model/services";
import { publicRole } from "./roles";

/** A package to install: what follows from the configuration, in the words of the package. */
export interface PackageSpec {
  /** Its name in the catalogue. */
  readonly packageName: string;
  readonly version?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly adopt: boolean;
  readonly removeApps: boolean;
}

export type PackageName = "etcd" | "marathon-user" | "marathon-lb";

/**
 * By name, the packages of a COE. Options of the configuration come over ours, maps into maps, as Cosmos itself does
 * with defaults.
 */
export function packageSpecs(
  coe: CoePlan,
  packages: PackagesConfig,
): Partial<Readonly<Record<PackageName, PackageSpec>>> {
  const { etcd, "marathon-user": user, "marathon-lb": balancer } = packages;
  return {
    ...(etcd === undefined
      ? {}
      : {
          etcd: spec("etcd", etcd, {
            service: { name: "etcd" },
            node: { count: etcd.size ?? 3 },
          }),
        }),
    ...(user === undefined
      ? {}
      : {
          "marathon-user": spec(
            "marathon",
            user,
            {
              service: { name: "marathon-user" },
              ...(user.publicAgents === true ? { marathon: { "mesos-role": publicRole } } : {}),
            },
            user.removeApps,
          ),
        }),
    ...(balancer === undefined
      ? {}
      : { "marathon-lb": spec("marathon-lb", balancer, balancerOptions(coe, balancer)) }),
  };
}

/** Marathon has a port of its own only where it is installed with the system. */
function balancerOptions(
  coe: CoePlan,
  { group = "external", options = {} }: MarathonLbPackage,
): Readonly<Record<string, unknown>> {
  const agents = Object.values(coe.nodes).filter(({ role }) => role === "public");
  const apps = appsService(coe);
  // One for each: two would want the same ports.
  const instances = Math.max(1, agents.length);
  const own = options["marathon-lb"];
  const alone = (isRecord(own) && own.instances !== undefined ? own.instances : instances) === 1;
  return {
    "marathon-lb": {
      "haproxy-group": group,
      instances,
      // By the package's default Marathon would start a second one before it ends the only one, which has the ports.
      ...(alone ? { minimumHealthCapacity: 0 } : {}),
      ...(apps === "marathon" ? {} : { "marathon-uri": adminRouterPath(apps) }),
    },
  };
}

function spec(
  packageName: string,
  { version, options = {}, adopt = false }: PackageConfig,
  ours: Readonly<Record<string, unknown>>,
  removeApps = false,
): PackageSpec {
  return {
    packageName,
    ...(version === undefined ? {} : { version }),
    options: mergeDeep(ours, options),
    adopt,
    removeApps,
  };
}
