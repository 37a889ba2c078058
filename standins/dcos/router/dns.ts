import { isRecord } from "../../../util/json";

/** `GET /mesos_dns/v1/enumerate`: the addresses of all tasks, from what the Mesos master's `/state` says. */
export function enumerate(state: unknown): unknown {
  const { frameworks } = isRecord(state) ? state : {};
  const list = Array.isArray(frameworks) ? frameworks.filter(isRecord) : [];
  return {
    frameworks: list.map((framework) => ({
      name: framework.name,
      tasks: (Array.isArray(framework.tasks) ? framework.tasks.filter(isRecord) : [])
        .filter((task) => task.state === "TASK_RUNNING")
        .map((task) => ({
          id: task.id,
          name: task.name,
          records: addressesOf(task).map((host) => ({
            name: `${String(task.name).replaceAll(".", "-")}.${String(framework.name)}.mesos.`,
            host,
            rtype: host.includes(":") ? "AAAA" : "A",
          })),
        })),
    })),
  };
}

function addressesOf({ statuses }: Readonly<Record<string, unknown>>): readonly string[] {
  const [status] = Array.isArray(statuses) ? statuses.filter(isRecord) : [];
  const container = isRecord(status?.container_status) ? status.container_status : {};
  const networks = Array.isArray(container.network_infos)
    ? container.network_infos.filter(isRecord)
    : [];
  return networks.flatMap(({ ip_addresses: addresses }) =>
    (Array.isArray(addresses) ? addresses.filter(isRecord) : []).flatMap((one) =>
      typeof one.ip_address === "string" ? [one.ip_address] : [],
    ),
  );
}
