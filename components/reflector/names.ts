/** Name of a reflector's container. */
export function reflectorContainer(reflector: string): string {
  return `seamless-${reflector}`;
}
