import type { DiscoveryPort } from "../protocol";
import type { AppDefinition, PortDefinition, PortMapping } from "./app";

/** Mesos' name of an app's tasks: `/group/app` is `app.group`, so that its names in the DNS end with the group. */
export function taskName(appId: string): string {
  return appId.slice(1).split("/").reverse().join(".");
}

/** The ports of a task as Marathon tells Mesos; of a container, the ones inside it. */
export function discoveryOf(
  app: AppDefinition,
  ports: readonly number[],
): readonly DiscoveryPort[] {
  const defined: readonly (PortDefinition | PortMapping)[] =
    app.container?.portMappings ?? app.portDefinitions ?? [];
  return defined.flatMap((port, i): DiscoveryPort[] => {
    const number = ports[i];
    if (number === undefined) return [];
    return port.protocol.split(",").map((protocol) => ({
      number,
      protocol,
      ...(port.name === undefined ? {} : { name: port.name }),
      labels: port.labels,
    }));
  });
}
