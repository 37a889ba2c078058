import { readInput, say } from "../../../util/step";
import { NomadClient } from "../api/client";
import { accessOf, nomadJobInput } from "../input";
import { deleteJob } from "../run-job";

/** Ends a job and waits until its allocations are gone. */
export async function run(): Promise<void> {
  const { job, ...reached } = await readInput(nomadJobInput);
  await deleteJob(new NomadClient(accessOf(reached, process.env)), job.ID, { say });
}
