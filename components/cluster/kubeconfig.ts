import { X509Certificate } from "node:crypto";
import { isAbsolute } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { didYouMean } from "../../config/words";
import { exitCode, SeamlessError } from "../../util/errors";
import { isReadable } from "../../util/urls";
import { readNamedFile } from "../named-file";
import type { ClusterAccess } from "./model/access";

/** What a kubeconfig says of the cluster that is meant, without its secrets. */
export interface Cluster {
  readonly context: string;
  /** URL of the API server. */
  readonly server: string;
  /** Name of the user in the kubeconfig. */
  readonly user: string;
  /** Whether that user is told by something that everybody who reads it can use. */
  readonly login: boolean;
}

/** What messages call the two things that can be wrong. */
export interface Labels {
  /** `access.kubeconfig` */
  readonly kubeconfig: string;
  /** `access.context` */
  readonly context: string;
}

const text = z.string().default("");
const names = z.object({ name: z.string() });
const kubeconfigShape = z.object({
  "current-context": text,
  contexts: z.array(names.extend({ context: z.object({ cluster: text, user: text }) })).nullish(),
  clusters: z
    .array(names.extend({ cluster: z.object({ server: text, "certificate-authority": text }) }))
    .nullish(),
  users: z
    .array(
      names.extend({
        user: z
          .object({
            "client-certificate": text,
            "client-certificate-data": text,
            "client-key": text,
            tokenFile: text,
            token: text,
            username: text,
            exec: z.unknown().optional(),
            "auth-provider": z.unknown().optional(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/**
 * Finds the cluster of a context, and what would keep everybody from reaching it.
 * @param context the current one of the kubeconfig when undefined
 * @throws SeamlessError that says what is wrong with the kubeconfig or the context
 */
export function clusterOf(
  kubeconfig: string,
  context: string | undefined,
  labels: Labels,
): Cluster {
  const fail = (problem: string): never => {
    throw new SeamlessError(problem, exitCode.usage);
  };
  const { contexts, clusters, users, ...rest } = read(kubeconfig, labels);
  const known = (contexts ?? []).map(({ name }) => name).sort();
  const chosen = context ?? rest["current-context"];
  const label = context === undefined ? `${labels.kubeconfig}: current-context` : labels.context;
  const found = contexts?.find(({ name }) => name === chosen);
  if (found === undefined)
    return fail(
      `${label}: found ${chosen === "" ? "none" : JSON.stringify(chosen)}; allowed: ${known.join(", ") || "none, for the kubeconfig has no contexts"}${didYouMean(chosen, known)}`,
    );
  const { cluster, user } = found.context;
  const where = `${labels.kubeconfig}: context ${chosen}`;
  const place = clusters?.find(({ name }) => name === cluster)?.cluster;
  if (place === undefined)
    return fail(
      `${where}: found cluster ${JSON.stringify(cluster)}, which the kubeconfig does not have`,
    );
  if (place.server.includes("@"))
    return fail(
      `${where}: found a user in the server's URL; allowed: a URL such as https://192.0.2.1:6443, and who asks among the users`,
    );
  if (!/^https?:\/\/[^/]/.test(place.server))
    return fail(
      `${where}: found server ${JSON.stringify(place.server)}; allowed: a URL such as https://192.0.2.1:6443`,
    );
  const credentials = users?.find(({ name }) => name === user)?.user;
  if (user !== "" && users?.every(({ name }) => name !== user))
    return fail(`${where}: found user ${JSON.stringify(user)}, which the kubeconfig does not have`);
  const files = {
    "certificate-authority": place["certificate-authority"],
    "client-certificate": credentials?.["client-certificate"] ?? "",
    "client-key": credentials?.["client-key"] ?? "",
    tokenFile: credentials?.tokenFile ?? "",
  };
  for (const [field, file] of Object.entries(files))
    if (file !== "" && !isAbsolute(file))
      return fail(
        `${where}: found ${field} ${file}; allowed: an absolute path, or the data itself: kubectl config view --flatten --minify writes such a kubeconfig`,
      );
  const expired = expiry(credentials?.["client-certificate-data"] ?? "");
  if (expired !== undefined && expired.getTime() < Date.now())
    return fail(
      `${where}: the certificate of user ${user} expired on ${expired.toISOString()}; renew it`,
    );
  const login = [
    ...[credentials?.token, credentials?.tokenFile, credentials?.username].filter(Boolean),
    ...[credentials?.exec, credentials?.["auth-provider"]].filter((one) => one !== undefined),
  ];
  return { context: chosen, server: place.server, user, login: login.length > 0 };
}

/** @throws SeamlessError where anyone on the path can read a login. @param allowed whether that is what is wanted */
export function refuseReadableLogin(
  { server, login, user, context }: Cluster,
  allowed: boolean,
  labels: Labels,
): void {
  if (!login || allowed || !isReadable(server)) return;
  throw new SeamlessError(
    `${labels.kubeconfig}: context ${context}: found ${server} with a login of user ${user}, which anyone on the path can read; allowed: https://, or access.allowHttp: true`,
    exitCode.usage,
  );
}

function read(kubeconfig: string, labels: Labels): z.infer<typeof kubeconfigShape> {
  let parsed: unknown;
  try {
    parsed = parse(kubeconfig, { logLevel: "error" });
  } catch {
    // The error would quote lines, and with them secrets.
    parsed = undefined;
  }
  const result = kubeconfigShape.safeParse(parsed);
  if (result.success) return result.data;
  throw new SeamlessError(
    `${labels.kubeconfig}: not a kubeconfig; allowed: YAML with contexts, clusters and users, as kubectl config view shows it`,
    exitCode.usage,
  );
}

/** When a certificate in base64 ends; undefined when there is none that can be read. */
function expiry(data: string): Date | undefined {
  try {
    return data === ""
      ? undefined
      : new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined;
  }
}

/**
 * The text of the kubeconfig that the configuration names.
 * @throws SeamlessError that names the file and what is wrong with it
 */
export function readKubeconfig({ kubeconfig, context, allowHttp }: ClusterAccess): string {
  const file = kubeconfig ?? "~/.kube/config";
  const text = readNamedFile("access.kubeconfig", file);
  const labels = { kubeconfig: `access.kubeconfig ${file}`, context: "access.context" };
  refuseReadableLogin(clusterOf(text, context, labels), allowHttp === true, labels);
  return text;
}
