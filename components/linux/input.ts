import { z } from "zod";
import { shellSchema } from "../../plan/access";

/** What one host is to have; the input of the steps that look at it, change it, and take it all away again. */
export type HostInput = z.infer<typeof hostInput>;
export const hostInput = z.strictObject({
  /** `<coe>/<node>`, for messages. */
  name: z.string(),
  /** How programs are run there; its key, where that is a secret, is in the environment. */
  shell: shellSchema,
  /** Its addresses on the networks of nodes, by which it speaks BGP. */
  addresses: z.array(z.string()).readonly(),
  /** The ranges of its own containers, one of each family. */
  ranges: z.array(z.string()).readonly(),
  /** All ranges of containers and services of the plan. */
  planned: z.array(z.string()).readonly(),
  /** What runs containers there; `own`: the COE's kind makes their network by itself, and looks at it. */
  containers: z.enum(["docker", "containerd", "none", "own"]),
  /** Its bird.conf, with marks in place of passwords. Absent: it has another speaker. */
  bird: z.string().exactOptional(),
  /** Its frr.conf, with marks in place of passwords, and the file that says how FRR's daemons run. */
  frr: z.strictObject({ conf: z.string(), daemons: z.string() }).exactOptional(),
  /** Its table of nftables. */
  firewall: z.string(),
});

/** Name of the environment variable with the private key, where that is a secret. */
export const keyVariable = "SEAMLESS_SSH_KEY";

/** Where a host has what we write. */
export const hostFolder = "/etc/seamless";

/** Whether we make the bridge, which Docker makes elsewhere. */
export function makesBridge({ containers }: Pick<HostInput, "containers">): boolean {
  return containers === "containerd" || containers === "none";
}

/** The bridge of its containers, and Docker's network on it. */
export const bridgeDevice = "seamless0";
export const dockerNetwork = "seamless";
