/** How DC/OS's parts answer: types, errors and pages as documented, written down apart from the client. */
import { createVerify } from "node:crypto";
import type * as http from "node:http";
import type { AddressInfo } from "node:net";

export type Json = Record<string, unknown>;

/** A value as an object; an empty one when it is none. */
export function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export interface FakePackage {
  readonly version: string;
  readonly releaseVersion: number;
  readonly config?: Json;
  /** What Mustache would make of the options, whose defaults it fills in itself. */
  readonly template: (options: Json) => Json;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
}

export interface App extends Json {
  readonly id: string;
  instances: number;
  labels: Record<string, string>;
  version?: string;
}

export const page = (status: number, title: string): Reply => ({
  status,
  type: "text/html; charset=utf-8",
  body: `<html><head><style>b {}</style></head><body><h1>${status} ${title}</h1></body></html>`,
});
/** Of a service that Admin Router does not know, or does not know yet (dcos: packages/adminrouter, lib/service.lua). */
export const unknownService: Reply = {
  status: 404,
  type: "application/octet-stream",
  body: "404 Not Found: service not found.\n",
};
export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
export const media = (kind: string, version: number) =>
  `application/vnd.dcos.${kind}+json;charset=utf-8;version=v${version}`;

/** Path -> kind, version of the answer, and the fields a request may have. */
export const cosmosPaths: Record<string, readonly [string, number, readonly string[]]> = {
  "/package/describe": ["package.describe", 3, ["packageName", "packageVersion"]],
  "/package/render": ["package.render", 1, ["packageName", "packageVersion", "options", "appId"]],
  "/package/install": [
    "package.install",
    2,
    ["packageName", "packageVersion", "options", "appId", "managerId"],
  ],
  "/package/list": ["package.list", 1, ["packageName", "appId"]],
  "/package/list-versions": ["package.list-versions", 1, ["packageName", "includePackageVersions"]],
  "/package/search": ["package.search", 1, ["query"]],
  "/package/uninstall": [
    "package.uninstall",
    1,
    ["packageName", "appId", "all", "managerId", "packageVersion"],
  ],
  "/package/repository/list": ["package.repository.list", 1, []],
  "/package/repository/add": ["package.repository.add", 1, ["name", "uri", "index"]],
  "/package/repository/delete": ["package.repository.delete", 1, ["name", "uri"]],
  "/cosmos/service/describe": ["service.describe", 1, ["appId"]],
  "/cosmos/service/update": [
    "service.update",
    1,
    ["appId", "packageVersion", "options", "replace", "managerId", "packageName"],
  ],
};

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function refusal(status: number, type: string, message: string): Reply {
  return { status, body: { type, message, data: {} }, type: media("package.error", 1) };
}

export function described(name: string, { version, releaseVersion, config }: FakePackage): Json {
  return { packagingVersion: "4.0", name, version, releaseVersion, ...(config && { config }) };
}

export function listed({ id, labels }: App): Json {
  const packageDefinition = {
    packagingVersion: "4.0",
    name: labels.DCOS_PACKAGE_NAME,
    version: labels.DCOS_PACKAGE_VERSION,
  };
  return { appId: id, packageInformation: { packageDefinition } };
}

/** Checks a service account's login: RS256 over its uid and a time that is still to come. */
export function signedBy(publicKey: string | undefined, token: string, uid: string): boolean {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const read = (part: string): Json => JSON.parse(Buffer.from(part, "base64url").toString());
  const claims = read(payload);
  if (read(header).alg !== "RS256" || claims.uid !== uid) return false;
  if (publicKey === undefined || Number(claims.exp) * 1000 < Date.now()) return false;
  const verify = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  return verify.verify(publicKey, signature, "base64url");
}

export function send(
  response: http.ServerResponse,
  status: number,
  text: string,
  type = "application/json",
) {
  response.writeHead(status, { "Content-Type": type }).end(text);
}

export function portOf(server: http.Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}
