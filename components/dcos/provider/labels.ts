/** The labels by which Cosmos and the packages say what an app of Marathon is. */
import { z } from "zod";
import type { Json } from "./inputs";

type Labels = Readonly<Record<string, string>>;

/** Labels that hold the package or its options as base64: nothing that anybody could read in a difference. */
const unreadable = ["DCOS_PACKAGE_DEFINITION", "DCOS_PACKAGE_METADATA", "DCOS_PACKAGE_OPTIONS"];

const labelled = z.looseObject({ labels: z.record(z.string(), z.string()).default({}) });

export function labelsOf(app: Json): Labels {
  return labelled.safeParse(app).data?.labels ?? {};
}

/** The app without its unreadable labels. */
export function readable(app: Json): Json {
  if (!("labels" in app)) return app;
  const labels = Object.entries(labelsOf(app)).filter(([name]) => !unreadable.includes(name));
  return { ...app, labels: Object.fromEntries(labels) };
}

export const packageOf = (labels: Labels) => labels.DCOS_PACKAGE_NAME;
export const versionOf = (labels: Labels) => labels.DCOS_PACKAGE_VERSION;
export const frameworkOf = (labels: Labels) => labels.DCOS_PACKAGE_FRAMEWORK_NAME;

/** The options that the user gave; none that can be read counts as none. */
export function optionsOf(labels: Labels): Json {
  const text = Buffer.from(labels.DCOS_PACKAGE_OPTIONS ?? "", "base64").toString("utf8");
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

/** Whether a scheduler made with the DC/OS SDK is told by its labels; it has a plan and goes by itself. */
export function isSdkScheduler(labels: Labels): boolean {
  return "DCOS_COMMONS_API_VERSION" in labels || "DCOS_COMMONS_UNINSTALL" in labels;
}

/** The name behind `/service/`, which Admin Router reads from the label; else the framework's or the app's. */
export function serviceNameOf(id: string, labels: Labels): string {
  return labels.DCOS_SERVICE_NAME ?? frameworkOf(labels) ?? id.replace(/^\//, "");
}
