import {
  all,
  CustomResource,
  type CustomResourceOptions,
  type Input,
  Output,
  type OutputInstance,
  output,
  secret,
} from "@pulumi/pulumi";
import { exitCode, SeamlessError } from "../../util/errors";
import { isReadable } from "../../util/urls";
import type { DcosAccess, DcosLogin } from "./api/access";

/** Fields of a record, each of which may be there later. */
type Inputs<T> = { [Key in keyof T]: Input<NonNullable<T[Key]>> };

/** How to reach a DC/OS cluster. `token`, `password` and `privateKey` are kept as secrets in the state. */
export interface DcosClusterArgs extends Inputs<Omit<DcosAccess, "login">> {
  /** Who logs in for a token, again whenever it has run out. Default: only the given token is used. */
  login?: Input<DcosLoginArgs>;
  /**
   * Whether `token` or `login` may go over plain HTTP to another machine, where anyone on the path can read it. Default: false,
   * such a `url` is refused.
   */
  allowHttp?: Input<boolean>;
}

/** A user with a password, or a service account with its private key: one of the two. */
export interface DcosLoginArgs extends Inputs<DcosLogin> {}

/** How long the steps of a package may take, in seconds. */
export interface DcosPackageTimeouts {
  /** A server that is away, or answers 502, 503 or 504, is asked again for this long. Default: 60. */
  answer?: Input<number>;
  /** From the request until the service is healthy and its nodes are up. Default: 900. */
  deploy?: Input<number>;
  /** From the request until the service and its framework are gone. Default: 300. */
  remove?: Input<number>;
}

export interface DcosPackageArgs {
  /** The cluster it is installed on. */
  cluster: Input<DcosClusterArgs>;
  /** Name in the package repository, such as `marathon`. Changing it replaces the service. */
  packageName: Input<string>;
  /**
   * Version in the package repository. Default: the newest one when it is installed; a newer one that comes out later
   * changes nothing. Another version updates the service where the cluster allows it.
   */
  version?: Input<string>;
  /**
   * Options as the package's own schema describes them; they are checked against it before anything is installed.
   * What is left out has the package's default. Default: none.
   */
  options?: Input<Record<string, unknown>>;
  /** Id of the service's app at the root Marathon. Default: as the package renders it. Changing it replaces the service. */
  appId?: Input<string>;
  /** Whether a package that was installed by other means is taken over. Default: no, it is refused. */
  adopt?: Input<boolean>;
  /**
   * Whether a Marathon may be uninstalled while apps run on it, which ends them all.
   * Default: no, it is refused and the apps are named.
   */
  removeApps?: Input<boolean>;
  /** How long the steps may take. */
  timeouts?: Input<DcosPackageTimeouts>;
}

/**
 * A service from a package repository of DC/OS (the Universe). Creating installs it and waits until it is healthy,
 * changed options update it, deleting uninstalls it and waits until its app and its framework are gone. A preview
 * shows the difference of the Marathon app that the options render to.
 */
export class DcosPackage extends CustomResource {
  /** Id of the service's app at the root Marathon, such as `/marathon-user`. */
  declare readonly appId: Output<string>;
  /** The version that is installed. */
  declare readonly installedVersion: Output<string>;
  /** Name of the service (label `DCOS_SERVICE_NAME`), or of its framework, or of its app. */
  declare readonly serviceName: Output<string>;
  /** Path of its API behind Admin Router: `/service/<name>`. */
  declare readonly servicePath: Output<string>;
  /** The Marathon app that the options render to, without the labels that hold the package itself. */
  declare readonly app: Output<Record<string, unknown>>;

  constructor(name: string, args: DcosPackageArgs, options?: CustomResourceOptions) {
    const outputs = {
      appId: args.appId,
      installedVersion: undefined,
      serviceName: undefined,
      servicePath: undefined,
      app: undefined,
    };
    const cluster = withSecrets(guarded(name, args.cluster));
    // Two services cannot have one id; the COE asks nobody when a replacement is ordered by --replace.
    const own = { deleteBeforeReplace: true };
    super("dcos:index:Package", name, { ...args, ...outputs, cluster }, { ...own, ...options });
  }
}

/**
 * The same access, whose login nobody on its way can read, or where that is allowed. The provider is not told of the
 * permission, so it is no difference of the resource.
 * @throws SeamlessError where it is not; of an output when its value is there
 */
function guarded(name: string, cluster: Input<DcosClusterArgs>): Input<DcosClusterArgs> {
  if (isLater(cluster)) {
    return output(cluster).apply(({ allowHttp, ...rest }) => {
      refuseReadable(name, rest.url, allowHttp, rest.token ?? rest.login);
      return rest;
    });
  }
  const { allowHttp, ...rest } = cluster;
  const { url, token, login } = rest;
  if (!isLater(url) && !isLater(allowHttp)) {
    refuseReadable(name, url, allowHttp, token ?? login);
    return rest;
  }
  const checked = all([url, allowHttp]).apply(([found, allowed]) => {
    refuseReadable(name, found, allowed, token ?? login);
    return found;
  });
  return { ...rest, url: checked };
}

function refuseReadable(
  name: string,
  url: string,
  allowHttp: boolean | undefined,
  login: unknown,
): void {
  if (login === undefined || allowHttp === true || !isReadable(url)) return;
  throw new SeamlessError(
    `DcosPackage ${name}: cluster.url: found ${url} with a login, which anyone on the path can read; allowed: https://, or allowHttp: true`,
    exitCode.usage,
  );
}

/** The same access with what is confidential in it marked; what is an output is marked as a whole. */
function withSecrets(cluster: Input<DcosClusterArgs>): Input<DcosClusterArgs> {
  if (isLater(cluster)) return secret(cluster);
  const { token, login, ...rest } = cluster;
  return {
    ...rest,
    ...(token === undefined ? {} : { token: secret(token) }),
    ...(login === undefined ? {} : { login: loginWithSecrets(login) }),
  };
}

function loginWithSecrets(login: Input<DcosLoginArgs>): Input<DcosLoginArgs> {
  if (isLater(login)) return secret(login);
  const { uid, password, privateKey } = login;
  return {
    uid,
    ...(password === undefined ? {} : { password: secret(password) }),
    ...(privateKey === undefined ? {} : { privateKey: secret(privateKey) }),
  };
}

function isLater<T>(value: Input<T> | undefined): value is Promise<T> | OutputInstance<T> {
  return Output.isInstance(value) || value instanceof Promise;
}
