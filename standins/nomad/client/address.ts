import type {
  AllocatedPort,
  AllocOrder,
  NetworkStatus,
  ServiceInstance,
  ServiceSpec,
} from "../protocol";

/**
 * The services of a running allocation as its client registers them. A CNI address is never chosen by itself: it takes
 * `address_mode = "alloc"`.
 * @throws Error where a service cannot be registered
 */
export function serviceInstances(
  order: AllocOrder,
  network: NetworkStatus | undefined,
): ServiceInstance[] {
  return order.group.services
    .filter(({ provider }) => provider === "nomad")
    .map((service) => {
      const { address, port } = placeOf(service, order.ports, network);
      return { name: service.name, address, port, tags: service.tags };
    });
}

interface Place {
  readonly address: string;
  readonly port: number;
}

function placeOf(
  service: ServiceSpec,
  ports: readonly AllocatedPort[],
  network: NetworkStatus | undefined,
): Place {
  const { addressMode, portLabel } = service;
  const port = ports.find(({ Label }) => Label === portLabel);
  if (addressMode === "alloc" || addressMode === "alloc_ipv6") {
    if (network === undefined)
      throw new Error('cannot use address_mode="alloc": no allocation network status reported');
    const address = addressMode === "alloc" ? network.Address : (network.AddressIPv6 ?? "");
    if (port !== undefined) return { address, port: port.To > 0 ? port.To : port.Value };
    return { address, port: portLabel === "" ? 0 : literal(portLabel) };
  }
  if (addressMode === "driver")
    throw new Error('cannot use address_mode="driver": no driver network exists');
  if (service.address !== "")
    return {
      address: service.address,
      port: port?.Value ?? (portLabel === "" ? 0 : literal(portLabel)),
    };
  if (port !== undefined) return { address: port.HostIP, port: port.Value };
  return { address: "", port: portLabel === "" ? 0 : literal(portLabel) };
}

function literal(label: string): number {
  const port = Number(label);
  if (Number.isInteger(port) && port > 0) return port;
  throw new Error(`invalid port "${label}": port label not found or is not numeric`);
}
