import { type Input, secret } from "@pulumi/pulumi";
import { SeamlessError } from "../../util/errors";
import type { DcosReach } from "./api/access";
import { secretVariables } from "./app-input";
import type { DcosEndpoints } from "./deploy";
import type { DcosClusterArgs } from "./package";

/** How a package's provider reaches the cluster. @throws SeamlessError without a URL */
export function dcosCluster(access: DcosEndpoints, coe: string): DcosClusterArgs {
  const { ca, uid, token, password, privateKey } = access;
  return {
    url: urlOf(access, coe),
    // The configuration refuses a login by plain HTTP, unless it allows it itself.
    allowHttp: true,
    ...(ca === undefined ? {} : { ca }),
    ...(token === undefined ? {} : { token }),
    ...(uid === undefined
      ? {}
      : {
          login: {
            uid,
            ...(password === undefined ? {} : { password }),
            ...(privateKey === undefined ? {} : { privateKey }),
          },
        }),
  };
}

/** How a step reaches the cluster, but for its secrets. @throws SeamlessError without a URL */
export function stepInput(access: DcosEndpoints, coe: string): DcosReach {
  const { ca, uid } = access;
  return {
    url: urlOf(access, coe),
    ...(ca === undefined ? {} : { ca }),
    ...(uid === undefined ? {} : { uid }),
  };
}

/** The secrets of a step, in its environment. */
export function stepSecrets(access: DcosEndpoints): {
  readonly environment?: Record<string, Input<string>>;
} {
  const sorts = ["token", "password", "privateKey"] as const;
  const named = sorts.flatMap((sort): [string, Input<string>][] => {
    const value = access[sort];
    return value === undefined ? [] : [[secretVariables[sort], secret(value)]];
  });
  return named.length === 0 ? {} : { environment: Object.fromEntries(named) };
}

function urlOf({ url }: DcosEndpoints, coe: string): string {
  if (url !== undefined) return url;
  throw new SeamlessError(
    `coes.${coe}.access.url: missing; a DC/OS cluster needs it, for instance "https://dcos.example.com"`,
  );
}
