/** Whether a service is up beyond its app: its plan, and its path behind Admin Router. */

import { waitFor } from "../../../util/wait";
import type { Answer, DcosSession } from "../api/session";
import { isAway, isUnknownService, jsonOf } from "../api/session";
import { type DeployPlan, deployPlan } from "../api/shapes";
import { type Context, sayTo } from "./inputs";
import { frameworkOf, isSdkScheduler } from "./labels";
import type { Resolved } from "./resolve";

const pollMs = 1_000;
/** Admin Router looks for new services every 25 s, and its answer may be 20 s old. */
const routeMs = 60_000;

type Labels = Readonly<Record<string, string>>;

/**
 * Waits until the nodes that a scheduler launches are up, which its deploy plan tells (DC/OS SDK), and until the
 * service can be reached by its path.
 */
export async function serviceUp(
  session: DcosSession,
  { serviceName }: Resolved,
  labels: Labels,
  ctx: Context,
  left: () => number,
): Promise<void> {
  const path = `/service/${serviceName}`;
  const common = { intervalMs: pollMs, onWait: sayTo(ctx), signal: ctx.signal };
  if (frameworkOf(labels) !== undefined) {
    const what = `the nodes of ${serviceName} (its plan deploy)`;
    const sdk = isSdkScheduler(labels);
    await waitFor({ ...common, what, timeoutMs: left() }, async () => {
      const answer = await get(session, `${path}/v1/plans/deploy`);
      const plan = deployPlan.safeParse(jsonOf(answer.text)).data;
      if (plan?.status === "COMPLETE") return { done: true, value: undefined };
      if (plan !== undefined) return { done: false, seen: explainPlan(plan) };
      // Schedulers that are not made with the SDK, such as Marathon, have no plan.
      if (!sdk && !isAway(answer) && !isUnknownService(answer))
        return { done: true, value: undefined };
      return { done: false, seen: `HTTP ${answer.status} from ${path}/v1/plans/deploy` };
    });
  }
  if (!("DCOS_SERVICE_NAME" in labels) || isSdkScheduler(labels)) return;
  const what = `Admin Router to know ${path}`;
  const timeoutMs = Math.min(left(), routeMs);
  await waitFor({ ...common, what, timeoutMs }, async () => {
    const answer = await get(session, `${path}/`);
    const unknown = isAway(answer) || isUnknownService(answer);
    return unknown
      ? { done: false, seen: `HTTP ${answer.status}` }
      : { done: true, value: undefined };
  }).catch((thrown: unknown) => {
    ctx.signal.throwIfAborted();
    ctx.log(
      "warning",
      `${serviceName} is healthy, but its path does not lead to it yet: ${thrown}`,
    );
  });
}

function get(session: DcosSession, path: string): Promise<Answer> {
  // What is behind Admin Router is asked for here, so that its absence is an answer.
  return session.send({ method: "GET", path, away: () => false });
}

function explainPlan({ status, errors, phases }: DeployPlan): string {
  const open = phases
    .filter((phase) => phase.status !== "COMPLETE")
    .map(({ name, steps }) => {
      const pending = steps.filter((step) => step.status !== "COMPLETE");
      return `${name}: ${pending.map((step) => `${step.name} ${step.status}`).join(", ")}`;
    });
  return [`plan ${status}`, ...open, ...errors].join("; ");
}
