import { mergeDeep } from "../../../util/json";
import { appNotFound, CosmosError } from "./errors";
import { resolveOptions } from "./options";
import { definitionOf, type Json, type Release } from "./package";
import { absolute, type CosmosParts, labelsOf } from "./packages-api";
import { decodeLabel, renderApp } from "./render";
import { universe } from "./repositories";
import type { RequestFields } from "./request";

/** What a service runs with. To other versions open DC/OS does not go, whatever there is. */
export async function describeService(parts: CosmosParts, fields: RequestFields) {
  const { release, stored } = await serviceOf(parts, fields.text("appId"));
  return {
    package: definitionOf(release),
    upgradesTo: [],
    downgradesTo: [],
    ...(stored === undefined
      ? {}
      : { resolvedOptions: resolveOptions(release, stored), userProvidedOptions: stored }),
  };
}

/** Renders the service anew with other options, and puts it over what is there. */
export async function updateService(parts: CosmosParts, fields: RequestFields) {
  const appId = absolute(fields.text("appId"));
  const replace = fields.flag("replace");
  const requested = fields.optionalText("packageVersion");
  const provided = fields.optionalObject("options");
  const { release, stored } = await serviceOf(parts, appId);
  if (requested !== undefined && requested !== release.version) {
    throw new CosmosError(
      "VersionUpgradeNotSupportedInOpen",
      `Version upgrades are not supported in Open DC/OS: requested ${requested}, installed ${release.version}`,
      { requested, actual: release.version },
    );
  }
  const options = replace ? provided : merged(stored, provided);
  const app = renderApp({ release, source: universe.uri, options });
  const id = absolute(String(app.id));
  if (id !== appId) {
    throw new CosmosError(
      "AppIdChanged",
      `Rendered marathon JSON id [${id}] does not match the id of the service [${appId}]`,
      { newAppId: id, oldAppId: appId },
    );
  }
  return {
    package: definitionOf(release),
    resolvedOptions: resolveOptions(release, options ?? {}),
    marathonDeploymentId: await parts.cluster.replaceApp(appId, app),
  };
}

function merged(stored: Json | undefined, provided: Json | undefined): Json {
  if (stored === undefined) {
    throw new CosmosError("OptionsNotStored", "The user options were not stored with the service");
  }
  return provided === undefined ? stored : mergeDeep(stored, provided);
}

async function serviceOf(
  { cluster, repositories }: CosmosParts,
  appId: string,
): Promise<{ readonly release: Release; readonly stored: Json | undefined }> {
  const app = await cluster.app(absolute(appId));
  if (app === undefined) throw appNotFound(absolute(appId));
  const labels = labelsOf(app);
  const { DCOS_PACKAGE_NAME: name, DCOS_PACKAGE_VERSION: version } = labels;
  if (typeof name !== "string" || typeof version !== "string") {
    throw new CosmosError(
      "IllegalStateException",
      "The name and version of the service were not found in the labels",
      undefined,
      500,
    );
  }
  return {
    release: repositories.release(name, version),
    stored: decodeLabel(labels.DCOS_PACKAGE_OPTIONS),
  };
}
