import { z } from "zod";

/*
 * What Docker says of itself (Docker Engine API: /info, /networks, /nodes, /services), as far as it is read. Later versions
 * add fields, and lists without members are null.
 */

const texts = z.record(z.string(), z.string()).nullish();
const list = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .transform((given) => given ?? []);

/** A daemon. */
export type DockerInfo = z.infer<typeof dockerInfo>;
export const dockerInfo = z.object({
  ServerVersion: z.string().default(""),
  /** Docker 29 and later: who filters packets. */
  FirewallBackend: z.object({ Driver: z.string().default("") }).nullish(),
  /** Absent where the daemon does not answer. */
  Swarm: z
    .object({
      NodeID: z.string().default(""),
      LocalNodeState: z.string().default("inactive"),
      ControlAvailable: z.boolean().default(false),
    })
    .prefault({}),
  /** Why there is no answer. The client prints this beside fields that are all empty. */
  ServerErrors: list(z.string()),
});

/** A network as one daemon has it. */
export type DockerNetwork = z.infer<typeof dockerNetwork>;
export const dockerNetwork = z.object({
  Id: z.string(),
  Name: z.string(),
  Scope: z.string().default("local"),
  Driver: z.string().default(""),
  ConfigOnly: z.boolean().default(false),
  ConfigFrom: z.object({ Network: z.string().default("") }).nullish(),
  IPAM: z
    .object({ Config: list(z.object({ Subnet: z.string().default("") })) })
    .nullish()
    .transform((given) => (given?.Config ?? []).map(({ Subnet }) => Subnet)),
  Options: texts.transform((given) => given ?? {}),
  Labels: texts.transform((given) => given ?? {}),
  /** By id, the containers of this node that are in it. */
  Containers: z
    .record(
      z.string(),
      z.object({
        Name: z.string().default(""),
        IPv4Address: z.string().default(""),
        IPv6Address: z.string().default(""),
      }),
    )
    .nullish()
    .transform((given) => Object.values(given ?? {})),
});

/** A node as its managers have it. */
export type DockerNode = z.infer<typeof dockerNode>;
export const dockerNode = z.object({
  ID: z.string(),
  Spec: z.object({ Role: z.string().default(""), Availability: z.string().default("active") }),
  Description: z.object({ Hostname: z.string().default("") }).nullish(),
  Status: z.object({ State: z.string().default(""), Addr: z.string().default("") }).nullish(),
  ManagerStatus: z.object({ Addr: z.string().default("") }).nullish(),
});

const attachments = list(z.object({ Target: z.string() }));

/** A service as managers have it. */
export type DockerService = z.infer<typeof dockerService>;
export const dockerService = z.object({
  ID: z.string(),
  Spec: z.object({
    Name: z.string(),
    Labels: texts.transform((given) => given ?? {}),
    Networks: attachments,
    TaskTemplate: z.object({ Networks: attachments }).nullish(),
  }),
});

/** A task in the words of `docker service ps`. */
export const dockerTask = z.object({
  Name: z.string(),
  CurrentState: z.string(),
  Error: z.string().default(""),
});

/** A container as one daemon has it. */
export type DockerContainer = z.infer<typeof dockerContainer>;
export const dockerContainer = z.object({
  Id: z.string(),
  Name: z.string().transform((name) => name.replace(/^\//, "")),
  State: z.object({ Running: z.boolean().default(false), Pid: z.number().default(0) }),
  Config: z.object({ Labels: texts.transform((given) => given ?? {}) }),
  NetworkSettings: z.object({
    Networks: z
      .record(
        z.string(),
        z.object({
          IPAddress: z.string().default(""),
          GlobalIPv6Address: z.string().default(""),
        }),
      )
      .nullish()
      .transform((given) => given ?? {}),
  }),
});

/** The address by which a swarm knows a node: that of its manager where the other says nothing. */
export function addressOfNode({ Status, ManagerStatus }: DockerNode): string {
  const address = Status?.Addr ?? "";
  const given = address === "" || address === "0.0.0.0" || address === "::";
  return given ? hostOf(ManagerStatus?.Addr ?? "") : address;
}

/** Whether tasks of a service are in a network. @param network id and name of it */
export function isIn(service: DockerService, network: readonly string[]): boolean {
  const { Networks, TaskTemplate } = service.Spec;
  return [...Networks, ...(TaskTemplate?.Networks ?? [])].some(({ Target }) =>
    network.includes(Target),
  );
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
