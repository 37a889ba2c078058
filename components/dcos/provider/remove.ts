/** Takes a package off a cluster, and waits until nothing of it runs any more. */

import { SeamlessError } from "../../../util/errors";
import { waitFor } from "../../../util/wait";
import { NotInstalled } from "../api/cosmos-errors";
import { appGone } from "../api/deployment";
import { MarathonClient } from "../api/marathon";
import { frameworks } from "../api/mesos";
import { type DcosSession, Unreachable } from "../api/session";
import {
  type Cluster,
  type Context,
  countdown,
  type Json,
  type PackageInputs,
  sayTo,
} from "./inputs";
import { frameworkOf, labelsOf, packageOf, serviceNameOf } from "./labels";

const pollMs = 1_000;
/** A Marathon that is to go may be down already. */
const guestPatienceMs = 10_000;

/**
 * Uninstalls. What is gone already is no error, so that a second try goes on where the first one ended.
 * @param recorded The app as it was installed last; its labels tell the framework when the app is gone.
 */
export async function remove(
  cluster: Cluster,
  id: string,
  recorded: Json,
  inputs: PackageInputs,
  ctx: Context,
): Promise<void> {
  const { packageName, removeApps, timeouts } = inputs;
  const left = countdown(timeouts?.remove ?? 300);
  const live = await cluster.marathon.app(id);
  if (live !== undefined && packageOf(live.labels) !== packageName) {
    ctx.log("warning", `${id} is left as it is: it is not of the package ${packageName} any more`);
    return;
  }
  const labels = live?.labels ?? labelsOf(recorded);
  if (live !== undefined) {
    if (packageName === "marathon" && removeApps !== true) {
      await mustBeEmpty(cluster, serviceNameOf(id, labels), inputs);
    }
    try {
      await cluster.cosmos.uninstall(packageName, id);
    } catch (thrown) {
      if (!(thrown instanceof NotInstalled)) throw thrown;
    }
    await appGone(cluster.marathon, id, {
      timeoutMs: left(),
      say: sayTo(ctx),
      signal: ctx.signal,
    });
  }
  const framework = frameworkOf(labels);
  if (framework !== undefined) await frameworkGone(cluster.session, framework, ctx, left());
}

function frameworkGone(
  session: DcosSession,
  name: string,
  ctx: Context,
  timeoutMs: number,
): Promise<void> {
  const what = `the end of the framework ${name}`;
  const options = { what, timeoutMs, intervalMs: pollMs, onWait: sayTo(ctx), signal: ctx.signal };
  return waitFor(options, async () => {
    const there = (await frameworks(session)).filter((one) => one.name === name);
    if (there.length === 0) return { done: true, value: undefined };
    const ids = there.map(({ id }) => id).join(", ");
    return {
      done: false,
      seen: `Mesos still has it (${ids}); if nobody needs it: dcos service shutdown <id>`,
    };
  });
}

/** @throws SeamlessError that names what would end with a Marathon. */
async function mustBeEmpty(
  { session }: Cluster,
  serviceName: string,
  { cluster, packageName }: PackageInputs,
): Promise<void> {
  const way = "set removeApps: true to end them with it, or remove them first";
  const path = `/service/${serviceName}`;
  const { patienceMs = guestPatienceMs } = session.options;
  const patient = session.within(Math.min(patienceMs, guestPatienceMs));
  let running: readonly string[];
  try {
    const apps = await new MarathonClient(patient, path).apps();
    running = apps.filter(({ instances }) => instances > 0).map(({ id }) => id);
  } catch (thrown) {
    if (!(thrown instanceof Unreachable)) throw thrown;
    // Its tasks outlive it; Mesos knows them by the framework.
    const own = (await frameworks(session)).filter((one) => one.name === serviceName);
    running = own.flatMap(({ tasks }) => tasks.map(({ name }) => name));
  }
  if (running.length === 0) return;
  throw new SeamlessError(
    `${packageName} at ${cluster.url}${path} is not uninstalled, for these run on it: ${[...new Set(running)].sort().join(", ")}; ${way} (and run pulumi up before pulumi destroy, so that the stack knows)`,
  );
}
