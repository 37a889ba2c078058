import { HttpError } from "../../common/http";
import type { AppDefinition } from "./app";
import type { AppRecord, Deployment } from "./state";

/** The refusal of a change while deployments are at its apps, in Marathon's words. */
export function locked(deployments: readonly Deployment[]): HttpError {
  return new HttpError(409, {
    message:
      "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
    deployments: [...new Set(deployments.map(({ id }) => id))].map((id) => ({ id })),
  });
}

/** Whether two definitions differ in nothing but the number of instances. */
export function sameConfig(a: AppDefinition, b: AppDefinition): boolean {
  const text = (app: AppDefinition) => JSON.stringify(sorted({ ...app, instances: 0 }));
  return text(a) === text(b);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}

/** What is kept of an app after a change; an app that has not changed keeps its version. */
export function nextRecord(
  old: AppRecord | undefined,
  definition: AppDefinition,
  version: string,
  restarted: boolean,
): AppRecord {
  if (old === undefined) {
    return { definition, version, lastScalingAt: version, lastConfigChangeAt: version };
  }
  const configured = restarted || !sameConfig(old.definition, definition);
  const scaled = old.definition.instances !== definition.instances;
  if (!configured && !scaled) return old;
  return {
    ...old,
    definition,
    version,
    lastScalingAt: scaled ? version : old.lastScalingAt,
    lastConfigChangeAt: configured ? version : old.lastConfigChangeAt,
  };
}
