import type { Cluster } from "./cluster";
import { CosmosError } from "./errors";
import { definitionOf, type Json, type Release } from "./package";
import { decodeEnvelope, renderApp } from "./render";
import { type Repositories, universe } from "./repositories";
import type { RequestFields } from "./request";

export interface CosmosParts {
  readonly cluster: Cluster;
  readonly repositories: Repositories;
}

/** `describe` v2 is flat and has no place for what packaging version 4 brought; v3 wraps the definition. */
export function describe({ repositories }: CosmosParts, fields: RequestFields, version: number) {
  const name = fields.text("packageName");
  const release = repositories.release(name, fields.optionalText("packageVersion"));
  if (version === 3) return { package: definitionOf(release) };
  if (release.packagingVersion === "4.0") {
    throw new CosmosError(
      "ConversionFromPackageToV2DescribeResponse",
      `A version 4.0 package cannot be converted to a v2 describe response`,
    );
  }
  return definitionOf(release);
}

export function listVersions({ repositories }: CosmosParts, fields: RequestFields) {
  const name = fields.text("packageName");
  fields.flag("includePackageVersions");
  repositories.release(name);
  const releases = repositories.releases().filter((one) => one.name === name);
  return {
    results: Object.fromEntries(releases.map((one) => [one.version, String(one.releaseVersion)])),
  };
}

/** Packages whose name, description or tags have the text; `*` stands for anything. */
export function search({ repositories }: CosmosParts, fields: RequestFields) {
  const query = (fields.optionalText("query") ?? "").toLowerCase();
  const parts = query.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(query.includes("*") ? `^${parts.join(".*")}$` : parts.join(""));
  const newest = new Map<string, Release[]>();
  for (const release of repositories.releases()) {
    newest.set(release.name, [...(newest.get(release.name) ?? []), release]);
  }
  const packages = [...newest.values()].flatMap((releases) => {
    const [first] = releases;
    if (first === undefined) return [];
    const { name, version, description, tags, framework, selected } = first;
    const found = [name, description, ...tags].some((one) => pattern.test(one.toLowerCase()));
    const versions = releases.map((one) => [one.version, String(one.releaseVersion)]);
    return found
      ? [
          {
            name,
            currentVersion: version,
            versions: Object.fromEntries(versions),
            description,
            framework: framework ?? false,
            tags,
            selected: selected ?? false,
          },
        ]
      : [];
  });
  return { packages };
}

export function render(parts: CosmosParts, fields: RequestFields) {
  return { marathonJson: rendered(parts, fields).app };
}

/** What `render` and `install` have in common. */
function rendered({ repositories }: CosmosParts, fields: RequestFields) {
  const name = fields.text("packageName");
  const release = repositories.release(name, fields.optionalText("packageVersion"));
  const options = fields.optionalObject("options");
  const appId = fields.optionalText("appId");
  const source = universe.uri;
  const app = renderApp({ release, source, options, ...(appId === undefined ? {} : { appId }) });
  return { release, app };
}

export async function install(parts: CosmosParts, fields: RequestFields, version: number) {
  const { release, app } = rendered(parts, fields);
  const { id } = await parts.cluster.createApp(app);
  const { name, version: packageVersion, postInstallNotes } = release;
  const first = { packageName: name, packageVersion, appId: String(id) };
  return version === 1 || postInstallNotes === undefined ? first : { ...first, postInstallNotes };
}

/** The apps of root Marathon that came from packages. Those of other Marathons Cosmos never sees. */
export async function list({ cluster }: CosmosParts, fields: RequestFields) {
  const packageName = fields.optionalText("packageName");
  const appId = fields.optionalText("appId");
  const packages = (await cluster.apps()).flatMap((app) => {
    const labels = labelsOf(app);
    const packageDefinition = decodeEnvelope(labels.DCOS_PACKAGE_DEFINITION);
    if (packageDefinition === undefined) return [];
    if (packageName !== undefined && labels.DCOS_PACKAGE_NAME !== packageName) return [];
    if (appId !== undefined && app.id !== absolute(appId)) return [];
    return [{ appId: app.id, packageInformation: { packageDefinition } }];
  });
  return { packages };
}

export function labelsOf({ labels }: Json): Json {
  return typeof labels === "object" && labels !== null ? { ...labels } : {};
}

export function absolute(appId: string): string {
  return appId.startsWith("/") ? appId : `/${appId}`;
}
