import { readInput, say } from "../../../util/step";
import { NomadClient } from "../api/client";
import { accessOf, nomadJobInput } from "../input";
import { runJob } from "../run-job";

/** Makes a job run and waits for it. */
export async function run(): Promise<void> {
  const { job, count, ...reached } = await readInput(nomadJobInput);
  const client = new NomadClient(accessOf(reached, process.env));
  const result = await runJob(client, job, count, { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
