/** The resource type `dcos:index:Package`. */
import { isDeepStrictEqual } from "node:util";
import {
  type CheckContext,
  type CheckResult,
  type Found,
  type Properties,
  type Recorded,
  resourceType,
} from "../../../providers/base/provider";
import { Unreachable } from "../api/session";
import { asItRuns } from "./drift";
import { type Context, connect, type PackageInputs, packageInputs } from "./inputs";
import { install, update } from "./install";
import { optionsOf, packageOf, versionOf } from "./labels";
import { remove } from "./remove";
import { failuresOf, outputsOf, propertiesOf, resolve } from "./resolve";

/** Told by the check, or made when the package is. */
const outputs = ["installedVersion", "serviceName", "servicePath", "app", "appId"];
/** A cluster that is to be made by the same program is not there in a preview, which must not wait for it. */
const checkPatience = { patienceMs: 5_000, timeoutMs: 10_000 };
function warnTo(ctx: Context): (message: string) => void {
  return (message) => ctx.log("warning", message);
}

/** Asks the cluster what the inputs come to, so that a preview shows it and faults are found before anything is done. */
async function check(news: Properties, ctx: CheckContext<undefined>): Promise<CheckResult> {
  const needed = ["cluster", "packageName", "version", "options", "appId"];
  if (needed.some((property) => ctx.isUnknown(property))) return {};
  const { olds } = ctx;
  // Without a version the installed one stays, whatever comes out later.
  const stays =
    news.version === undefined && olds.packageName === news.packageName ? olds.version : undefined;
  const pinned = stays === undefined ? {} : { version: stays };
  const inputs = packageInputs.parse({ ...news, ...pinned });
  try {
    const found = outputsOf(
      await resolve(connect(inputs, ctx, checkPatience), inputs, warnTo(ctx)),
    );
    return { set: { ...found, version: found.installedVersion ?? "" } };
  } catch (thrown) {
    if (thrown instanceof Unreachable) {
      warnTo(ctx)(`what ${inputs.packageName} renders to is not known yet: ${thrown.message}`);
      return { set: pinned };
    }
    const failures = failuresOf(thrown);
    if (failures === undefined) throw thrown;
    return { failures };
  }
}

function inputsOf({ inputs, state }: Recorded): PackageInputs {
  return packageInputs.parse(Object.keys(inputs).length > 0 ? inputs : state);
}

/** What runs, as the inputs that would make it. */
async function read(recorded: Recorded, ctx: Context): Promise<Found | undefined> {
  if (Object.keys(recorded.inputs).length === 0) {
    throw new Error(
      `dcos:index:Package cannot be imported by its id; set adopt: true to take over ${recorded.id}`,
    );
  }
  const inputs = inputsOf(recorded);
  const live = await connect(inputs, ctx).marathon.app(recorded.id);
  if (live === undefined) return undefined;
  if (packageOf(live.labels) !== inputs.packageName) {
    warnTo(ctx)(`${recorded.id} is not of the package ${inputs.packageName} any more`);
    return undefined;
  }
  const version = versionOf(live.labels) ?? inputs.version ?? "";
  const options = optionsOf(live.labels);
  const same = isDeepStrictEqual(options, inputs.options ?? {});
  const rendered = packageInputs.shape.app.safeParse(recorded.state.app).data ?? {};
  const found = { installedVersion: version, app: propertiesOf(asItRuns(rendered, live)) };
  const kept = outputs.flatMap((name) => {
    const value = recorded.state[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    id: recorded.id,
    inputs: {
      ...recorded.inputs,
      ...found,
      version,
      ...(same ? {} : { options: propertiesOf(options) }),
    },
    outputs: { ...Object.fromEntries(kept), ...found },
  };
}

export const dcosPackage = resourceType<PackageInputs, undefined>({
  token: "dcos:index:Package",
  inputs: packageInputs,
  computed: outputs,
  // Any option may end up anywhere in the app.
  derived: { app: ["options"] },
  check,
  change({ property, path, kind }) {
    // As a whole it only comes or goes with the cluster's being reached, which is no change.
    if (outputs.includes(property) && path.length === 1 && kind !== "update") return "none";
    return property === "packageName" || property === "appId" ? "replace" : "update";
  },
  // Two services cannot have one id, nor one framework name.
  deleteBeforeReplace: () => true,
  async create(inputs, ctx) {
    const cluster = connect(inputs, ctx);
    const resolved = await resolve(cluster, inputs, warnTo(ctx));
    await install(cluster, resolved, inputs, ctx);
    return { id: resolved.id, outputs: outputsOf(resolved) };
  },
  read,
  async update(recorded, inputs, ctx) {
    const cluster = connect(inputs, ctx);
    const resolved = await resolve(cluster, { ...inputs, appId: recorded.id }, warnTo(ctx));
    await update(cluster, resolved, inputs, ctx);
    return outputsOf(resolved);
  },
  async delete(recorded, ctx) {
    const inputs = inputsOf(recorded);
    await remove(connect(inputs, ctx), recorded.id, inputs.app ?? {}, inputs, ctx);
  },
});
