import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import type { Cluster } from "./cluster";
import { CosmosError } from "./errors";
import type { Json } from "./package";
import { absolute, type CosmosParts, labelsOf } from "./packages-api";
import type { RequestFields } from "./request";

const planTimeoutMs = 3_000;

/**
 * Removes the app of a package. The framework of an ordinary one is ended right after its app. A scheduler that is made
 * with the DC/OS SDK is only told to end what it runs; its app goes later, with {@link sweep}.
 */
export async function uninstall(parts: CosmosParts, fields: RequestFields) {
  const packageName = fields.text("packageName");
  const appId = fields.optionalText("appId");
  const apps = await appsOf(parts.cluster, packageName, appId);
  if (apps.length > 1 && fields.optionalFlag("all") !== true) {
    const ids = apps.map(({ id }) => String(id));
    throw new CosmosError(
      "AmbiguousAppId",
      `Multiple apps named [${packageName}] are installed: [${ids.join(", ")}]`,
      { packageName, appIds: ids },
    );
  }
  const results: Json[] = [];
  for (const app of apps) results.push(await uninstallOne(parts, packageName, app));
  return { results };
}

async function appsOf(
  cluster: Cluster,
  packageName: string,
  appId: string | undefined,
): Promise<readonly Json[]> {
  let candidates: readonly Json[];
  if (appId === undefined) candidates = await cluster.apps();
  else {
    const app = await cluster.app(absolute(appId));
    if (app === undefined) {
      throw new CosmosError(
        "UninstallNonExistentAppForPackage",
        `Package [${packageName}] with id [${absolute(appId)}] is not installed`,
        { packageName, appId: absolute(appId) },
      );
    }
    candidates = [app];
  }
  const apps = candidates.filter((app) => labelsOf(app).DCOS_PACKAGE_NAME === packageName);
  if (apps.length > 0) return apps;
  throw new CosmosError("PackageNotInstalled", `Package [${packageName}] is not installed`, {
    packageName,
  });
}

async function uninstallOne(
  { cluster, repositories }: CosmosParts,
  packageName: string,
  app: Json,
): Promise<Json> {
  const labels = labelsOf(app);
  const appId = String(app.id);
  if (labels.DCOS_COMMONS_UNINSTALL !== undefined) {
    await cluster.replaceApp(appId, {
      ...definitionOnly(app),
      env: { ...(isRecord(app.env) ? app.env : {}), SDK_UNINSTALL: "true" },
    });
  } else {
    await cluster.deleteApp(appId);
    await endFramework(cluster, packageName, labels.DCOS_PACKAGE_FRAMEWORK_NAME);
  }
  const packageVersion = labels.DCOS_PACKAGE_VERSION;
  const release = repositories
    .releases()
    .find((one) => one.name === packageName && one.version === packageVersion);
  return {
    packageName,
    appId,
    packageVersion,
    ...(release?.postUninstallNotes === undefined
      ? {}
      : { postUninstallNotes: release.postUninstallNotes }),
  };
}

/** Ends the one framework of that name; none is fine, more than one is an error, though the app is gone by then. */
async function endFramework(cluster: Cluster, packageName: string, name: unknown): Promise<void> {
  if (typeof name !== "string") return;
  let ids: readonly string[];
  try {
    ids = await cluster.frameworks(name);
  } catch {
    throw new CosmosError(
      "IncompleteUninstall",
      `Incomplete uninstall of package [${packageName}] due to Mesos unavailability`,
      { packageName },
      503,
    );
  }
  if (ids.length > 1) {
    throw new CosmosError(
      "MultipleFrameworkIds",
      `Uninstalled package [${packageName}]\nUnable to shutdown [${packageName}] service framework with name [${name}] because there are multiple framework IDs matching this name: [${ids.join(", ")}]`,
      { packageName, frameworkName: name, ids },
    );
  }
  const [id] = ids;
  if (id !== undefined) await cluster.teardown(id);
}

/** An app without what Marathon adds when it shows it. */
export function definitionOnly(app: Json): Json {
  const shown = ["tasks", "deployments", "version", "versionInfo", "lastTaskFailure"];
  const entries = Object.entries(app).filter(
    ([name]) => !shown.includes(name) && !name.startsWith("tasks"),
  );
  return Object.fromEntries(entries);
}

/** Removes the apps of schedulers that have ended all they ran, as they were told by {@link uninstall}. */
export async function sweep({ cluster }: CosmosParts): Promise<void> {
  for (const app of await cluster.apps()) {
    const { env } = app;
    const told = isRecord(env) && env.SDK_UNINSTALL === "true";
    if (!told || labelsOf(app).DCOS_COMMONS_UNINSTALL === undefined) continue;
    if (await hasUninstalled(app)) await cluster.deleteApp(String(app.id));
  }
}

/** Whether the scheduler says that its plan is complete. */
async function hasUninstalled({ tasks, deployments }: Json): Promise<boolean> {
  // A task of before it was told would speak of what it has deployed.
  if (Array.isArray(deployments) && deployments.length > 0) return false;
  const [task] = Array.isArray(tasks) ? tasks.filter(isRecord) : [];
  const [port] = Array.isArray(task?.ports) ? task.ports : [];
  if (task === undefined || port === undefined) return false;
  try {
    const response = await fetch(`http://${String(task.host)}:${String(port)}/v1/plans/deploy`, {
      signal: AbortSignal.timeout(planTimeoutMs),
    });
    const plan: unknown = await response.json();
    return isRecord(plan) && plan.status === "COMPLETE";
  } catch (thrown) {
    process.stderr.write(`cosmos: plan of ${String(task.id)}: ${messageOf(thrown)}\n`);
    return false;
  }
}
