import { coeRuntimes } from "../../components/kinds/runtime";
import { speakers } from "../../components/kinds/speakers";
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

const patienceMs = 120_000;

/** Ends well once sessions and traffic are as planned, and prints what was lost on the way. */
export async function run(): Promise<void> {
  const outputs = await gateInput();
  const checks = gateChecks(outputs.plan);
  const { results } = await verify(outputs, {
    ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers, checks, only: [] },
    waitMs: patienceMs,
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
  if (refusal !== undefined) throw new SeamlessError(refusal);
  process.stdout.write(`${JSON.stringify({ checks: results.length, traffic })}\n`);
}
