/** Brings a package to what is asked, and waits until its service is up. */
import { InitFailed } from "../../../providers/base/provider";
import { messageOf, SeamlessError } from "../../../util/errors";
import { waitFor } from "../../../util/wait";
import { AlreadyInstalled, NotInPlace } from "../api/cosmos-errors";
import { deploymentEnd, tasksUp } from "../api/deployment";
import type { MarathonAppState } from "../api/shapes";
import { type Cluster, type Context, countdown, type PackageInputs, sayTo } from "./inputs";
import { optionsOf, packageOf, versionOf } from "./labels";
import { isFrom, isInstalled, outputsOf, type Resolved } from "./resolve";
import { serviceUp } from "./service";

/** Installs a package that is not there, or takes one over where that is asked. */
export async function install(
  cluster: Cluster,
  resolved: Resolved,
  inputs: PackageInputs,
  ctx: Context,
): Promise<void> {
  const left = countdown(inputs.timeouts?.deploy ?? 900);
  const live = await cluster.marathon.app(resolved.id);
  if (live === undefined) {
    await accepted(cluster, resolved, inputs, ctx, left);
    return follow(cluster, resolved, ctx, left);
  }
  const { packageName, adopt } = inputs;
  mustBeOf(packageName, live);
  if (adopt !== true) throw new SeamlessError(installedBefore(packageName, live));
  return bringTo(cluster, resolved, live, ctx, left);
}

/** Changes a package that is there, where it is not as asked. */
export async function update(
  cluster: Cluster,
  resolved: Resolved,
  inputs: PackageInputs,
  ctx: Context,
): Promise<void> {
  const live = await cluster.marathon.app(resolved.id);
  if (live === undefined) {
    throw new SeamlessError(
      `${resolved.id}: asked for, not found at Marathon; if it was removed by hand: pulumi refresh, then pulumi up; if cluster.url is of another cluster now: pulumi up --replace '${ctx.urn}'`,
    );
  }
  mustBeOf(inputs.packageName, live);
  const left = countdown(inputs.timeouts?.deploy ?? 900);
  return bringTo(cluster, resolved, live, ctx, left);
}

async function bringTo(
  cluster: Cluster,
  resolved: Resolved,
  live: MarathonAppState,
  ctx: Context,
  left: () => number,
): Promise<void> {
  if (isInstalled(resolved, live)) return follow(cluster, resolved, ctx, left);
  const { id, version, options } = resolved;
  const installed = versionOf(live.labels);
  // Editions that change no versions take offence at the same one, too.
  const packageVersion = installed === version ? {} : { packageVersion: version };
  const request = { appId: id, ...packageVersion, options, replace: true };
  try {
    const { marathonDeploymentId } = await cluster.cosmos.updateService(request);
    return await follow(cluster, resolved, ctx, left, marathonDeploymentId);
  } catch (thrown) {
    if (!(thrown instanceof NotInPlace)) throw thrown;
    throw new SeamlessError(
      `${thrown.message}; installed is ${installed}, asked for ${version}. Uninstalling and installing again ends every task of the service; where that is meant: pulumi up --replace '${ctx.urn}', or the resource option replaceOnChanges: ["version"]`,
    );
  }
}

/**
 * Asks for the installation until Marathon has no deployment of an app of this id any more. Cosmos tells every conflict
 * of Marathon's as one error, so Marathon is asked whether it has the app, or a deployment that locks its id. Where it has
 * neither, twice in a row since a lock may end between two questions, waiting would not help.
 */
async function accepted(
  { cosmos, marathon }: Cluster,
  resolved: Resolved,
  { packageName }: PackageInputs,
  ctx: Context,
  left: () => number,
): Promise<void> {
  const { id, version, options } = resolved;
  const request = { packageName, packageVersion: version, options, appId: id };
  let unexplained = 0;
  let refused: Error | undefined;
  const wait = {
    what: `the deployment that still locks ${id}`,
    timeoutMs: left(),
    intervalMs: 500,
    onWait: sayTo(ctx),
    sayAfterMs: 0,
    signal: ctx.signal,
    failure: (_: number, seen: string) => refused ?? new SeamlessError(seen),
  };
  await waitFor(wait, async () => {
    try {
      await cosmos.install(request);
    } catch (thrown) {
      if (!(thrown instanceof AlreadyInstalled)) throw thrown;
      refused = thrown;
      const live = await marathon.app(id);
      if (live !== undefined && !isFrom(resolved, live))
        throw new SeamlessError(installedBefore(packageName, live));
      const locks = (await marathon.deployments()).filter((one) => one.affectedApps.includes(id));
      unexplained = locks.length === 0 ? unexplained + 1 : 0;
      if (live === undefined) {
        if (unexplained === 2) throw thrown;
        return { done: false, seen: locks.map((one) => one.id).join(", ") || "none any more" };
      }
      // An earlier try of this request was carried out, but its answer was lost.
    }
    return { done: true, value: undefined };
  });
}

/** From here on the service exists: whatever is wrong with it, it has to be recorded. */
async function follow(
  cluster: Cluster,
  resolved: Resolved,
  ctx: Context,
  left: () => number,
  deploymentId?: string,
): Promise<void> {
  const { marathon } = cluster;
  const { id } = resolved;
  const options = () => ({ timeoutMs: left(), say: sayTo(ctx), signal: ctx.signal });
  try {
    await deploymentEnd(marathon, id, options(), deploymentId);
    // It is also gone from the list when it failed, was cancelled, or replaced by another.
    const live = await tasksUp(marathon, id, options(), (state) => asDeployed(resolved, state));
    await serviceUp(cluster.session, resolved, live.labels, ctx, left);
  } catch (thrown) {
    const why = ctx.signal.aborted ? ctx.signal.reason : thrown;
    throw new InitFailed({ id, outputs: outputsOf(resolved) }, [messageOf(why)]);
  }
}

function asDeployed(resolved: Resolved, state: MarathonAppState | undefined): MarathonAppState {
  const { id, version } = resolved;
  if (state === undefined) {
    throw new SeamlessError(
      `${id}: its deployment has ended and Marathon does not have it: it was cancelled, or the app was deleted by somebody else`,
    );
  }
  if (isFrom(resolved, state)) return state;
  throw new SeamlessError(
    `${id}: its deployment has ended, but it does not run ${version} as asked: the deployment was rolled back, or replaced by somebody else; pulumi refresh --diff shows what differs`,
  );
}

function mustBeOf(packageName: string, live: MarathonAppState): void {
  const found = packageOf(live.labels);
  if (found === packageName) return;
  const what = found === undefined ? "of no package" : `of the package ${found}`;
  throw new SeamlessError(
    `${live.id}: Marathon has an app of this id, which is ${what}, not of ${packageName}; choose another appId, or remove that app`,
  );
}

function installedBefore(packageName: string, live: MarathonAppState): string {
  const found = packageOf(live.labels);
  if (found !== packageName) return `${live.id}: Marathon has an app of this id already`;
  const options = JSON.stringify(optionsOf(live.labels));
  return `${live.id}: ${packageName} ${versionOf(live.labels)} is installed already, not by this stack, with the options ${options}; adopt: true takes it over and gives it the version and the options asked for, or choose another name for the service`;
}
