import type { AccessConfig } from "../../config/types";
import type { CoePlan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { compareNames } from "../../util/names";
import { compareAddresses, parseAddress } from "../../util/net";
import { recordsZone } from "../records-zone";
import { onHosts } from "./docker";
import { configuredHosts } from "./hosts";
import { OwnWord } from "./verify/own-word";

/**
 * The tasks that run now, under the first zone of the configuration.
 * @throws SeamlessError without a zone, and when a node does not answer
 */
export async function renderRecords(coe: CoePlan, access: AccessConfig): Promise<string> {
  const zone = recordsZone(coe);
  const found = await new OwnWord(coe, onHosts(configuredHosts(coe, access).reached)).tasks();
  if (!found.ok) throw new SeamlessError(found.error, exitCode.nothingToCheck);
  return serviceRecords(found.value, zone);
}

/** A task with an address of the plan. */
export interface ServiceTask {
  /** Of its service, as the swarm has it: `shop_web`. */
  readonly service: string;
  /** The stack that the service is of; absent where it is of none. */
  readonly stack?: string;
  readonly address: string;
}

/**
 * Lines of a hosts file by which a name server answers for the services of a swarm: one for each task, so that a name leads
 * to all tasks of its service. A service of a stack has two names: `shop_web` and `web.shop`, below the zone.
 */
export function serviceRecords(tasks: readonly ServiceTask[], zone: string): string {
  const lines = tasks.flatMap(({ service, stack, address }) => {
    const at = parseAddress(address);
    if (at === undefined) return [];
    const own = stack !== undefined && service.startsWith(`${stack}_`);
    const short = own ? [`${service.slice(stack.length + 1)}.${stack}.${zone}`] : [];
    return [{ at, service, line: [address, `${service}.${zone}`, ...short].join(" ") }];
  });
  const sorted = lines.sort(
    (a, b) => compareNames(a.service, b.service) || compareAddresses(a.at, b.at),
  );
  return sorted.map(({ line }) => `${line}\n`).join("");
}
