import { writeFile } from "node:fs/promises";
import { backVariable, patienceVariable, refusalVariable } from "../../components/gate-input";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerAsk } from "../../components/reflector/kinds";
import { SeamlessError } from "../../util/errors";
import { inScratch } from "../../util/scratch";
import { say } from "../../util/step";
import { gateChecks, refusalOf } from "../../verify/gate";
import { verify } from "../../verify/run";
import { makeProbes } from "../../verify/seen";
import { trafficReport } from "../../verify/traffic/count";
import { runningProbes } from "../../verify/traffic/watch";
import { endWatch, gateInput } from "./gate";

const defaultPatience = 120;

/** Ends well once sessions and traffic are as planned, and prints what was lost on the way. */
export async function run(): Promise<void> {
  const outputs = await gateInput();
  const checks = gateChecks(outputs.plan);
  const { results } = await verify(outputs, {
    ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, checks, only: [] },
    waitMs: patience() * 1_000,
    onWait: say,
  });
  const counts = await endWatch(process.env.SEAMLESS_WATCH);
  const there = await inScratch("gate", async (scratch) =>
    runningProbes(outputs, await makeProbes(outputs.plan, outputs.access, coeRuntimes, scratch)),
  );
  const traffic = trafficReport(counts, there);
  for (const [pair, { sent, lost, unasked, moved }] of Object.entries(traffic))
    say(
      `${pair}: ${lost} of ${sent} GETs lost, ${unasked} not asked${moved ? "; a container moved" : ""}`,
    );
  const refusal = refusalOf(results);
  if (refusal !== undefined) await refuse(refusal);
  process.stdout.write(`${JSON.stringify({ checks: results.length, traffic })}\n`);
}

function patience(): number {
  const seconds = Number(process.env[patienceVariable]);
  return seconds > 0 ? seconds : defaultPatience;
}

/** @throws SeamlessError but where a refused change is taken back */
async function refuse(refusal: string): Promise<void> {
  if (process.env[backVariable] === "1") {
    say(`going back all the same: ${refusal}`);
    return;
  }
  const file = process.env[refusalVariable];
  if (file) await writeFile(file, refusal, { mode: 0o600 });
  throw new SeamlessError(refusal);
}
