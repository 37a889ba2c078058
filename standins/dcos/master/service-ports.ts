import { HttpError } from "../../common/http";
import type { AppDefinition } from "./app";

/** Where Marathon takes service ports from: its flags `local_port_min` and `local_port_max`. */
const range = { first: 10_000, last: 20_000 };

/** What load balancers listen on for an app, by index of its ports. */
export function servicePortsOf(app: AppDefinition): readonly number[] {
  return (
    app.container?.portMappings?.map(({ servicePort }) => servicePort) ??
    app.portDefinitions?.map(({ port }) => port) ??
    []
  );
}

/**
 * Gives every service port that is 0 a number: one the app has already been given, then the lowest that no app
 * has. So an app that is sent again without numbers keeps those it has.
 * @param before the app as it is, if it is there
 * @param others all apps, this one among them or not
 * @throws HttpError 500 when the range is used up
 */
export function assignServicePorts(
  app: AppDefinition,
  before: AppDefinition | undefined,
  others: readonly AppDefinition[],
): AppDefinition {
  const own = servicePortsOf(app);
  const kept = before === undefined ? [] : servicePortsOf(before);
  const reserved = new Set([...others.flatMap(servicePortsOf), ...kept, ...own]);
  const again = kept.filter(
    (port) => port >= range.first && port <= range.last && !own.includes(port),
  );
  const free = (): number => {
    const known = again.shift();
    if (known !== undefined) return known;
    for (let port = range.first; port <= range.last; port++) {
      if (reserved.has(port)) continue;
      reserved.add(port);
      return port;
    }
    const message = `no service port is left between ${range.first} and ${range.last}`;
    throw new HttpError(500, { message });
  };
  const { container, portDefinitions } = app;
  if (container?.portMappings !== undefined) {
    const portMappings = container.portMappings.map((mapping) =>
      mapping.servicePort === 0 ? { ...mapping, servicePort: free() } : mapping,
    );
    return { ...app, container: { ...container, portMappings } };
  }
  // A port that is required is the host's; a number given here would be required from then on.
  if (portDefinitions === undefined || app.requirePorts) return app;
  return {
    ...app,
    portDefinitions: portDefinitions.map((definition) =>
      definition.port === 0 ? { ...definition, port: free() } : definition,
    ),
  };
}
