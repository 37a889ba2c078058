import { z } from "zod";

/*
 * What is read of the answers of Nomad's HTTP API (Nomad documentation, "HTTP API"). Go writes an empty list as null.
 */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const list = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .transform((value) => value ?? []);

/** `/v1/agent/self` */
export const agentSelf = z.object({
  config: z.object({
    Region: text,
    Version: z.object({ Version: z.string() }),
  }),
});

/** `/v1/agent/members` */
export const agentMembers = z.object({
  Members: list(z.object({ Name: z.string(), Addr: z.string(), Status: text })),
});

export type NodeStub = z.infer<typeof nodeStub>;
const nodeStub = z.object({
  ID: z.string(),
  Name: z.string(),
  Address: text,
  Version: text,
  Status: z.string(),
  Drain: z.boolean().nullish(),
});

/** `/v1/nodes` */
export const nodeStubs = list(nodeStub);

/** `/v1/node/ID` */
export type NomadNode = z.infer<typeof nomadNode>;
export const nomadNode = z.object({
  ID: z.string(),
  Name: z.string(),
  Status: z.string(),
  Attributes: z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {}),
  NodeResources: z
    .object({ Networks: list(z.object({ Mode: text })) })
    .nullish()
    .transform((value) => value ?? { Networks: [] }),
});

const taskState = z.object({
  State: text,
  Events: list(z.object({ Type: text, DisplayMessage: text })),
});

export type AllocStub = z.infer<typeof allocStub>;
const allocStub = z.object({
  ID: z.string(),
  Name: z.string(),
  NodeID: z.string(),
  JobID: z.string(),
  DesiredStatus: z.string(),
  ClientStatus: z.string(),
  JobVersion: z.number().nullish(),
  TaskStates: z.record(z.string(), taskState).nullish(),
});

/** `/v1/job/ID/allocations` */
export const allocStubs = list(allocStub);

export type Allocation = z.infer<typeof allocation>;
/** `/v1/allocation/ID` */
export const allocation = z.object({
  ID: z.string(),
  Name: z.string(),
  NodeID: z.string(),
  JobID: z.string(),
  TaskGroup: text,
  DesiredStatus: z.string(),
  ClientStatus: z.string(),
  NetworkStatus: z.object({ InterfaceName: text, Address: text, AddressIPv6: text }).nullish(),
  Job: z
    .object({
      TaskGroups: list(z.object({ Name: text, Networks: list(z.object({ Mode: text })) })),
    })
    .nullish(),
});

/** `/v1/node/ID/allocations` */
export const allocations = list(allocation);

/** `/v1/evaluation/ID` */
export const evaluation = z.object({
  FailedTGAllocs: z
    .record(
      z.string(),
      z.object({
        NodesEvaluated: z.number().nullish(),
        ConstraintFiltered: z.record(z.string(), z.number()).nullish(),
      }),
    )
    .nullish(),
});

/** What registering and stopping a job answer. */
export const jobChange = z.object({ EvalID: text, JobModifyIndex: z.number().nullish() });

/** `/v1/job/ID` */
export const jobState = z.object({
  ID: z.string(),
  Version: z.number(),
  Stop: z.boolean().nullish(),
  JobModifyIndex: z.number().nullish(),
});

/** `/v1/services` */
export const serviceNames = list(
  z.object({
    Namespace: z.string(),
    Services: list(z.object({ ServiceName: z.string(), Tags: list(z.string()) })),
  }),
);

/** `/v1/service/NAME` */
export const serviceInstances = list(
  z.object({
    ServiceName: z.string(),
    Address: text,
    Port: z.number(),
    AllocID: z.string(),
    NodeID: z.string(),
    JobID: z.string(),
  }),
);
