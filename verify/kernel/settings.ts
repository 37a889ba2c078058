import type { Family } from "../../util/net";

/**
 * The setting without which a kernel forwards nothing of a family (ip-sysctl of the kernel's documentation). In IPv6 those of
 * single interfaces say only how it takes part in neighbour discovery there.
 */
export const forwardingOf: Readonly<Record<Family, string>> = {
  4: "ip_forward",
  6: "conf/all/forwarding",
};
