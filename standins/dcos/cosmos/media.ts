import { CosmosError } from "./errors";

/** A media type of Cosmos, such as `application/vnd.dcos.package.install-request+json;charset=utf-8;version=v1`. */
export function mediaType(kind: string, version: number): string {
  return `application/vnd.dcos.${kind}+json;charset=utf-8;version=v${version}`;
}

export const errorType = mediaType("package.error", 1);

/** The same type however its parameters are ordered and spaced. */
function normal(text: string): string {
  const [type = "", ...parameters] = text
    .toLowerCase()
    .split(";")
    .map((part) => part.trim())
    .filter((part) => !part.startsWith("q="));
  return [type, ...parameters.sort()].join(";");
}

/**
 * The version of the answer that a client takes: the first one of its list that there is.
 * @throws CosmosError when there is none
 */
export function chosenVersion(
  accept: string | undefined,
  kind: string,
  versions: readonly number[],
): number {
  if (accept === undefined) {
    throw new CosmosError("not_present", "Item 'header 'Accept'' not present but required");
  }
  for (const one of accept.split(",").map(normal)) {
    const found = versions.find((version) => normal(mediaType(kind, version)) === one);
    if (found !== undefined) return found;
  }
  const available = versions.map((version) => mediaType(kind, version));
  throw new CosmosError(
    "not_valid",
    `Item 'header 'Accept'' deemed invalid by rule: should match one of: ${available.join(", ")}`,
    { specified: accept.split(",").map((one) => one.trim()), available },
  );
}

/** @throws CosmosError unless the body is of the one type that is taken */
export function checkContentType(found: string | undefined, wanted: string): void {
  if (found === undefined) {
    throw new CosmosError("not_present", "Item 'header 'Content-Type'' not present but required");
  }
  if (normal(found) === normal(wanted)) return;
  throw new CosmosError(
    "not_valid",
    `Item 'header 'Content-Type'' deemed invalid by rule: should match exactly: ${wanted}`,
    { specified: found, supported: [wanted] },
  );
}
