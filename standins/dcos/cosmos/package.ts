/** A JSON object that is looked at no closer. */
export type Json = Readonly<Record<string, unknown>>;

/** One release of a package, as a repository (the Universe) has it. */
export interface Release {
  readonly packagingVersion: "2.0" | "3.0" | "4.0";
  readonly name: string;
  readonly version: string;
  /** Orders the releases of a package, whatever their versions are. */
  readonly releaseVersion: number;
  readonly maintainer: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly framework?: boolean;
  readonly selected?: boolean;
  readonly minDcosReleaseVersion?: string;
  readonly preInstallNotes?: string;
  readonly postInstallNotes?: string;
  readonly postUninstallNotes?: string;
  /** JSON schema (draft 4) of the options, with their defaults. */
  readonly config: Json;
  /** `resource.json`: images and files of the package. */
  readonly resource: Json;
  /** Mustache template of the Marathon app. */
  readonly template: string;
}

/** A release as it is shown and stored with an app, in Cosmos' form. */
export function definitionOf({ template, ...release }: Release): Json {
  const v2AppMustacheTemplate = Buffer.from(template).toString("base64");
  return { ...release, marathon: { v2AppMustacheTemplate } };
}

export type Kind = "string" | "integer" | "number" | "boolean" | "array";

/** A property of an option schema. */
export function option(type: Kind, description: string, more: Json = {}): Json {
  return { type, description, ...more };
}

/** An object of an option schema. */
export function group(properties: Json, more: Json = {}): Json {
  return { type: "object", properties, ...more };
}
