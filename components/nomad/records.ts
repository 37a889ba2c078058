import type { z } from "zod";
import type { AccessConfig } from "../../config/types";
import type { CoePlan } from "../../plan/types";
import { compareNames } from "../../util/names";
import { compareAddresses, parseAddress } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import { recordsZone } from "../records-zone";
import { NomadClient } from "./api/client";
import { serviceInstances, serviceNames } from "./api/shapes";
import { configuredAccess } from "./hosts";

/**
 * The native services that have addresses of the plan now, under the first zone of the configuration.
 * @throws SeamlessError without a zone, and when the cluster does not answer
 */
export async function renderRecords(coe: CoePlan, access: AccessConfig): Promise<string> {
  const zone = recordsZone(coe);
  const client = new NomadClient(configuredAccess(coe, access, process.env));
  const found: Instance[] = [];
  for (const { Namespace, Services } of await client.get("/v1/services?namespace=*", serviceNames))
    for (const { ServiceName } of Services) {
      const path = `/v1/service/${encodeURIComponent(ServiceName)}?namespace=${encodeURIComponent(Namespace)}`;
      const all = await client.get(path, serviceInstances);
      found.push(...all.map((one) => ({ ...one, namespace: Namespace })));
    }
  return serviceRecords(coe, found, zone);
}

export type Instance = Pick<z.infer<typeof serviceInstances>[number], "ServiceName" | "Address"> & {
  readonly namespace: string;
};

/**
 * Lines of a hosts file by which a name server answers: one for each instance. Only those with the address of their
 * allocation (`address_mode = "alloc"`) are of the plan. A service of another namespace than default has that in its name.
 */
export function serviceRecords(coe: CoePlan, instances: readonly Instance[], zone: string): string {
  const lines = instances.flatMap(({ ServiceName, Address, namespace }) => {
    const at = parseAddress(Address);
    if (at === undefined || !containedIn(podRanges(coe), Address)) return [];
    const below = namespace === "default" ? zone : `${namespace}.${zone}`;
    return [{ at, name: `${ServiceName.toLowerCase()}.${below}`, address: Address }];
  });
  const sorted = lines.sort((a, b) => compareNames(a.name, b.name) || compareAddresses(a.at, b.at));
  return [...new Set(sorted.map(({ address, name }) => `${address} ${name}\n`))].join("");
}
