import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { NomadClient } from "./api/client";
import {
  type Allocation,
  type AllocStub,
  allocation,
  allocStubs,
  evaluation,
  jobChange,
  jobState,
} from "./api/shapes";
import type { NomadJob } from "./probe-job";

export interface JobOptions {
  /** Milliseconds until all allocations run, or are gone. Default: 180000. */
  readonly timeoutMs?: number;
  readonly say: (message: string) => void;
}

/** Where the allocations run, ordered by address. */
export interface JobResult {
  readonly job: string;
  readonly allocations: readonly { readonly node: string; readonly address: string }[];
}

const usualMs = 180_000;
const pollMs = 500;

const pathOf = (id: string) => `/v1/job/${encodeURIComponent(id)}`;

/**
 * Makes a job run as given, and waits until as many allocations of its newest version run as it asks for.
 * @throws SeamlessError with the reasons of the scheduler and of failed allocations when they do not in time
 */
export async function runJob(
  client: NomadClient,
  job: NomadJob,
  count: number,
  options: JobOptions,
): Promise<JobResult> {
  const { EvalID } = await client.put("/v1/jobs", { Job: job }, jobChange);
  const { timeoutMs = usualMs, say } = options;
  const running = await waitFor(
    {
      what: `${count} allocations of ${job.ID}`,
      ...{ timeoutMs, intervalMs: pollMs, onWait: say },
      failure: (seconds, seen) =>
        new SeamlessError(`job ${job.ID}: not running after ${seconds} s: ${seen}`),
    },
    async () => {
      const { Version } = await client.get(pathOf(job.ID), jobState);
      const all = await client.get(`${pathOf(job.ID)}/allocations`, allocStubs);
      const newest = all.filter(({ JobVersion }) => JobVersion === Version);
      const live = newest.filter(
        ({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run",
      );
      if (live.length >= count) return { done: true, value: live };
      const why = [...(await unplaced(client, EvalID)), ...newest.flatMap(failure)];
      return {
        done: false,
        seen: [`${live.length} of ${count} allocations run`, ...new Set(why)].join("; "),
      };
    },
  );
  const found = await Promise.all(
    running.map(({ ID }) => client.get(`/v1/allocation/${ID}`, allocation)),
  );
  const allocations = found
    .map((one) => ({ node: one.NodeID, address: addressesOf(one)[0] ?? "" }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  return { job: job.ID, allocations };
}

/** The addresses that CNI has given an allocation; none in the network of its host. */
export function addressesOf({ NetworkStatus }: Allocation): string[] {
  const { Address = "", AddressIPv6 = "" } = NetworkStatus ?? {};
  return [...new Set([Address, AddressIPv6])].filter((one) => one !== "");
}

/** Why the scheduler has not placed all, by what it says of nodes that were left out. */
async function unplaced(client: NomadClient, id: string): Promise<string[]> {
  if (id === "") return [];
  const found = await client.find(`/v1/evaluation/${id}`, evaluation);
  return Object.values(found?.FailedTGAllocs ?? {}).map(
    ({ ConstraintFiltered, NodesEvaluated }) => {
      const reasons = Object.entries(ConstraintFiltered ?? {}).map(
        ([reason, nodes]) => `${nodes} ${nodes === 1 ? "node" : "nodes"} left out for ${reason}`,
      );
      return reasons.join(", ") || `no room on ${NodesEvaluated ?? 0} nodes`;
    },
  );
}

function failure({ ClientStatus, TaskStates }: AllocStub): string[] {
  if (ClientStatus !== "failed") return [];
  return Object.values(TaskStates ?? {}).flatMap(({ Events }) => {
    const last = [...Events].reverse().find(({ Type }) => /Fail|Terminated/.test(Type));
    return last === undefined ? [] : [last.DisplayMessage];
  });
}

/** Ends a job, and waits until its allocations are gone from their clients. No job is no error. */
export async function deleteJob(
  client: NomadClient,
  id: string,
  { timeoutMs = usualMs, say }: JobOptions,
): Promise<void> {
  if ((await client.find(pathOf(id), jobState)) === undefined) return;
  await client.delete(pathOf(id), jobChange);
  await waitFor(
    { what: `the end of all allocations of ${id}`, timeoutMs, intervalMs: pollMs, onWait: say },
    async () => {
      const all = await client.get(`${pathOf(id)}/allocations`, allocStubs);
      const live = all.filter(({ ClientStatus }) =>
        /^(pending|running|unknown)$/.test(ClientStatus),
      );
      return live.length === 0
        ? { done: true, value: undefined }
        : {
            done: false,
            seen: live.map(({ Name, ClientStatus }) => `${Name} is ${ClientStatus}`).join(", "),
          };
    },
  );
  await client.delete(`${pathOf(id)}?purge=true`, jobChange);
}
