import { gunzipSync, gzipSync } from "node:zlib";
import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { CosmosError } from "./errors";
import { renderTemplate } from "./mustache";
import { resolveOptions } from "./options";
import { definitionOf, type Json, type Release } from "./package";

export interface RenderRequest {
  readonly release: Release;
  /** URI of the repository it comes from. */
  readonly source: string;
  /** What the user gave; nothing when that was nothing. */
  readonly options: Json | undefined;
  /** Takes the place of the id in the template. */
  readonly appId?: string;
}

/**
 * The Marathon app of a package.
 * @throws CosmosError when the options do not fit, or the template makes no app of them
 */
export function renderApp({ release, source, options, appId }: RenderRequest): Json {
  const resolved = resolveOptions(release, options ?? {});
  const text = renderTemplate(release.template, { ...resolved, resource: release.resource });
  const app = parseApp(text);
  const own = isRecord(app.labels) ? app.labels : {};
  if (!Object.values(own).every((value) => typeof value === "string")) {
    throw new CosmosError("InvalidLabelSchema", "The value of each label must be a string");
  }
  return {
    ...app,
    ...(appId === undefined ? {} : { id: appId }),
    labels: {
      ...own,
      DCOS_PACKAGE_NAME: release.name,
      DCOS_PACKAGE_VERSION: release.version,
      DCOS_PACKAGE_SOURCE: source,
      DCOS_PACKAGE_OPTIONS: encode(options ?? {}),
      DCOS_PACKAGE_DEFINITION: envelope(definitionOf(release)),
    },
  };
}

function parseApp(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new CosmosError(
      "RenderedTemplateNotJson",
      `Rendered Marathon JSON could not be parsed: ${messageOf(thrown)}`,
    );
  }
  if (isRecord(value)) return value;
  throw new CosmosError(
    "MarathonTemplateMustBeJsonObject",
    "Rendered Marathon JSON must be a JSON object",
  );
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

const definitionType = "application/vnd.dcos.universe.package+json;charset=utf-8;version=v4";

/** A package as Cosmos stores it in a label (its StorageEnvelope): compressed, with a word on what it is. */
function envelope(value: unknown): string {
  const metadata = { "Content-Type": definitionType, "Content-Encoding": "gzip" };
  return encode({ metadata, data: gzipSync(JSON.stringify(value)).toString("base64") });
}

/** The package that {@link envelope} has stored; undefined when the text is none. */
export function decodeEnvelope(text: unknown): Json | undefined {
  const data = decodeLabel(text)?.data;
  if (typeof data !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a label holds that {@link renderApp} made; undefined when there is none, or it holds no object. */
export function decodeLabel(text: unknown): Json | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
