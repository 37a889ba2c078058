import { z } from "zod";
import type { CoeConfig } from "../../../config/types";
import type { OwnPart } from "../../../plan/kind";
import type { CoePlan } from "../../../plan/types";
import { ipipPart } from "../../speakers/model/ipip";
import { ownOf, type PackagesConfig } from "./config";
import { etcdOptions } from "./etcd-options";
import { etcdPort } from "./ports";

/** The fields of a COE's record that only DC/OS has. */
export type DcosPart = z.infer<typeof part>;
const part = z
  .object({
    /** Whether its second Marathon is offered public agents, too; absent where it is not. */
    publicApps: z.literal(true).exactOptional(),
    /**
     * How marathon-lb reads its Marathon where not by Admin Router without a login: with a service account's secret, or at
     * an address of Marathon's own. Absent elsewhere.
     */
    balancerReads: z.enum(["login", "direct"]).exactOptional(),
    /**
     * Members of the package etcd, which is Calico's datastore, as its own nodes find them: `name:port`. Wherever a member
     * is, its name stays. Sorted. Absent without that package.
     */
    datastore: z.array(z.string()).readonly().exactOptional(),
    /** Whether those members speak TLS; absent where they do not. */
    datastoreTls: z.literal(true).exactOptional(),
  })
  .readonly();

/** Reads the fields of a COE's record that only DC/OS has. */
export function dcosPart(coe: CoePlan): DcosPart {
  return part.parse(coe);
}

/** What a plan says of DC/OS alone. */
export function ownPart(coe: CoeConfig): OwnPart {
  const { packages, calicoApi, ipipMode } = ownOf(coe);
  const names = Object.keys(packages).sort();
  return {
    // Plans have always said that it has none.
    addons: [],
    ...(names.length === 0 ? {} : { packages: names }),
    ...publicAppsOf(packages),
    ...balancerReadsOf(packages),
    ...datastoreOf(packages),
    ...(calicoApi === "v1" ? { calicoApi } : {}),
    ...ipipPart(ipipMode),
  };
}

/** A second Marathon is offered public agents when it has their role: by our switch, or by the package's own option. */
function publicAppsOf({ "marathon-user": user }: PackagesConfig): Pick<DcosPart, "publicApps"> {
  const own = z.object({ marathon: z.object({ "mesos-role": z.string() }) });
  const role = own.safeParse(user?.options).data?.marathon["mesos-role"];
  const given = role ?? (user?.publicAgents === true ? "slave_public" : undefined);
  return given === "slave_public" ? { publicApps: true } : {};
}

/** The options of marathon-lb that decide it (Universe: marathon-lb, config.json). */
function balancerReadsOf({
  "marathon-lb": balancer,
}: PackagesConfig): Pick<DcosPart, "balancerReads"> {
  const text = z.string().optional();
  const own = z.object({ "marathon-lb": z.object({ secret_name: text, "marathon-uri": text }) });
  const options = own.safeParse(balancer?.options).data?.["marathon-lb"] ?? {};
  const { secret_name: secret, "marathon-uri": uri } = options;
  if (secret !== undefined && secret !== "") return { balancerReads: "login" };
  return uri === undefined || uri.includes("/service/") ? {} : { balancerReads: "direct" };
}

/**
 * By Mesos-DNS a task is `<task>.<framework>.mesos`, and the package calls its members `etcd-<index>-node`. With TLS they go
 * by the names that their certificates are for (DC/OS SDK: "TLS"). Its options may name another framework and another port.
 */
function datastoreOf({ etcd }: PackagesConfig): Pick<DcosPart, "datastore" | "datastoreTls"> {
  if (etcd === undefined) return {};
  const { framework = "etcd", port = etcdPort, tls } = etcdOptions(etcd.options);
  const zone = tls ? `${framework}.autoip.dcos.thisdcos.directory` : `${framework}.mesos`;
  const members = Array.from({ length: etcd.size ?? 3 }, (_, index) => `etcd-${index}-node`);
  return {
    datastore: members.map((member) => `${member}.${zone}:${port}`).sort(),
    ...(tls ? { datastoreTls: true } : {}),
  };
}
