/** Name of a reflector's container. */
export function reflectorContainer(reflector: string): string {
  return `seamless-${reflector}`;
}

/** Who a daemon runs as. Nobody's number on any usual system: neither a person's nor a service's. */
export const user = "65530";
