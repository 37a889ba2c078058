import { isTerminal, type TaskState } from "../protocol";
import type { AllocRecord, EvalRecord, JobRecord, NodeRecord, State } from "./state";

/*
 * Records as the HTTP API shows them.
 */

const namespace = "default";
const nanoseconds = (milliseconds: number) => milliseconds * 1_000_000;
const jobNamespace = { Namespace: namespace };

function nodeResources({ node }: NodeRecord) {
  return {
    Networks: [
      { Mode: "host", Device: "eth0", CIDR: `${node.address}/32`, IP: node.address },
      ...node.networks.map((name) => ({ Mode: `cni/${name}` })),
    ],
    MinDynamicPort: 20_000,
    MaxDynamicPort: 32_000,
  };
}

function drivers({ node }: NodeRecord) {
  return Object.fromEntries(
    node.drivers.map((name) => [
      name,
      { Attributes: {}, Detected: true, Healthy: true, HealthDescription: "Healthy" },
    ]),
  );
}

export function showNode(record: NodeRecord) {
  const { node, status, create, modify } = record;
  return {
    ID: node.id,
    Name: node.name,
    Datacenter: node.datacenter,
    NodePool: "default",
    HTTPAddr: `${node.address}:4646`,
    Attributes: node.attributes,
    NodeResources: nodeResources(record),
    Drivers: drivers(record),
    SchedulingEligibility: "eligible",
    Status: status,
    CreateIndex: create,
    ModifyIndex: modify,
  };
}

export function showNodeStub(record: NodeRecord, withResources: boolean) {
  const { node, status, create, modify } = record;
  return {
    Address: node.address,
    ID: node.id,
    Name: node.name,
    Datacenter: node.datacenter,
    NodePool: "default",
    Version: node.version,
    SchedulingEligibility: "eligible",
    Status: status,
    StatusDescription: "",
    Drivers: drivers(record),
    ...(withResources ? { NodeResources: nodeResources(record) } : {}),
    CreateIndex: create,
    ModifyIndex: modify,
  };
}

/** `pending` until something runs, `dead` where nothing is to run. */
export function jobStatus({ job, stop }: JobRecord, state: State): "pending" | "running" | "dead" {
  if (stop) return "dead";
  const live = [...state.allocs.values()].some(
    ({ order, report }) => order.jobId === job.id && !isTerminal(report.status),
  );
  return live ? "running" : "pending";
}

export function showJob(record: JobRecord, state: State) {
  const { job, version, stop, submitted, create, modify, registered } = record;
  return {
    ...job.raw,
    ...jobNamespace,
    ID: job.id,
    Name: job.name,
    Type: job.type,
    Status: jobStatus(record, state),
    Stop: stop,
    Version: version,
    SubmitTime: nanoseconds(submitted),
    CreateIndex: create,
    ModifyIndex: modify,
    JobModifyIndex: registered,
  };
}

export function showJobStub(record: JobRecord, state: State) {
  const { job, stop, submitted, create, modify, registered } = record;
  const count = (group: string, ...statuses: string[]) =>
    [...state.allocs.values()].filter(
      ({ order, report }) =>
        order.jobId === job.id && order.group.name === group && statuses.includes(report.status),
    ).length;
  const summary = job.groups.map(({ name }) => [
    name,
    {
      Starting: count(name, "pending"),
      Running: count(name, "running"),
      Complete: count(name, "complete"),
      Failed: count(name, "failed"),
      Lost: count(name, "lost"),
    },
  ]);
  return {
    ...jobNamespace,
    ID: job.id,
    Name: job.name,
    Type: job.type,
    Datacenters: job.datacenters,
    Priority: 50,
    Status: jobStatus(record, state),
    Stop: stop,
    SubmitTime: nanoseconds(submitted),
    JobSummary: { JobID: job.id, ...jobNamespace, Summary: Object.fromEntries(summary) },
    CreateIndex: create,
    ModifyIndex: modify,
    JobModifyIndex: registered,
  };
}

function taskStates(tasks: Readonly<Record<string, TaskState>>) {
  return Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [name, { ...task, Restarts: task.Restarts }]),
  );
}

export function showAllocStub(alloc: AllocRecord, state: State) {
  const { order, report } = alloc;
  return {
    ...jobNamespace,
    ID: order.id,
    EvalID: alloc.evalId,
    Name: order.name,
    NodeID: alloc.nodeId,
    NodeName: state.nodes.get(alloc.nodeId)?.node.name ?? "",
    JobID: order.jobId,
    JobType: state.jobs.get(order.jobId)?.job.type ?? "service",
    JobVersion: alloc.jobVersion,
    TaskGroup: order.group.name,
    DesiredStatus: order.stop ? "stop" : "run",
    DesiredDescription: "",
    ClientStatus: report.status,
    ClientDescription: report.description,
    TaskStates: taskStates(report.tasks),
    ...(alloc.replaced === undefined ? {} : { NextAllocation: alloc.replaced }),
    CreateIndex: alloc.create,
    ModifyIndex: alloc.modify,
    CreateTime: nanoseconds(alloc.created),
    ModifyTime: nanoseconds(alloc.modified),
  };
}

export function showAlloc(alloc: AllocRecord, state: State) {
  const { order, report } = alloc;
  const job = state.jobs.get(order.jobId);
  return {
    ...showAllocStub(alloc, state),
    Job: job === undefined ? null : showJob(job, state),
    AllocatedResources: {
      Tasks: {},
      Shared: { DiskMB: 0, Networks: [], Ports: order.ports },
    },
    NetworkStatus: report.network ?? null,
  };
}

export function showEval(record: EvalRecord, state: State) {
  const failed = Object.entries(record.failed).map(([group, one]) => [
    group,
    {
      NodesEvaluated: one.evaluated,
      NodesFiltered: Object.values(one.filtered).reduce((sum, count) => sum + count, 0),
      ConstraintFiltered: one.filtered,
      CoalescedFailures: one.missing - 1,
    },
  ]);
  return {
    ...jobNamespace,
    ID: record.id,
    JobID: record.jobId,
    Priority: 50,
    Type: state.jobs.get(record.jobId)?.job.type ?? "service",
    TriggeredBy: record.triggeredBy,
    Status: "complete",
    ...(failed.length === 0
      ? {}
      : { FailedTGAllocs: Object.fromEntries(failed), BlockedEval: record.id }),
    CreateIndex: record.create,
    ModifyIndex: record.create,
  };
}

/** All services that running allocations have registered. */
export function registrations(state: State) {
  return [...state.allocs.values()].flatMap((alloc) => {
    if (alloc.report.status !== "running" || alloc.order.stop) return [];
    return alloc.report.services.map((one) => ({
      ...jobNamespace,
      ID: `_nomad-group-${alloc.order.id}-${alloc.order.group.name}-${one.name}-${one.port}`,
      ServiceName: one.name,
      NodeID: alloc.nodeId,
      Datacenter: state.nodes.get(alloc.nodeId)?.node.datacenter ?? "",
      JobID: alloc.order.jobId,
      AllocID: alloc.order.id,
      Tags: one.tags,
      Address: one.address,
      Port: one.port,
      CreateIndex: alloc.create,
      ModifyIndex: alloc.modify,
    }));
  });
}

export function showServices(state: State) {
  const tags = new Map<string, Set<string>>();
  for (const one of registrations(state)) {
    const known = tags.get(one.ServiceName) ?? new Set();
    for (const tag of one.Tags) known.add(tag);
    tags.set(one.ServiceName, known);
  }
  if (tags.size === 0) return [];
  const services = [...tags]
    .map(([name, known]) => ({ ServiceName: name, Tags: [...known].sort() }))
    .sort((a, b) => a.ServiceName.localeCompare(b.ServiceName));
  return [{ ...jobNamespace, Services: services }];
}
