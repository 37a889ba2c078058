/** An error in Cosmos' form: `{type, message, data?}`, with status 400 unless said otherwise. */
export class CosmosError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly data?: unknown,
    readonly status = 400,
  ) {
    super(message);
    this.name = "CosmosError";
  }
}

export function packageNotFound(packageName: string): CosmosError {
  return new CosmosError("PackageNotFound", `Package [${packageName}] not found`, { packageName });
}

export function versionNotFound(packageName: string, packageVersion: string): CosmosError {
  return new CosmosError(
    "VersionNotFound",
    `Version [${packageVersion}] of package [${packageName}] not found`,
    { packageName, packageVersion },
  );
}

export function appNotFound(appId: string): CosmosError {
  return new CosmosError(
    "MarathonAppNotFound",
    `Unable to locate service with marathon appId: '${appId}'`,
    { appId },
  );
}
