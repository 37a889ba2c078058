/** A zone for CoreDNS, all of whose questions go to other servers. */
export interface ForwardedZone {
  /** Domain name without the last dot. */
  readonly zone: string;
  /** `address:port` of each server. */
  readonly servers: readonly string[];
}

/**
 * Seconds an answer is kept: less than a workload takes to be started elsewhere.
 */
const keepSeconds = 5;

/**
 * One server block of a Corefile for each zone (CoreDNS manual, "Configuration" and plugin `forward`).
 * @param bind the address it listens on. Default: all
 */
export function forwardBlocks(zones: readonly ForwardedZone[], bind?: string): string {
  return zones
    .map(({ zone, servers }) =>
      [
        `${zone}:53 {`,
        "    errors",
        `    cache ${keepSeconds}`,
        ...(bind === undefined ? [] : [`    bind ${bind}`]),
        `    forward . ${servers.join(" ")}`,
        "}",
        "",
      ].join("\n"),
    )
    .join("");
}
