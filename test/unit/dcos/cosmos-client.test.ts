import { CosmosClient } from "../../../components/dcos/api/cosmos";
import {
  AlreadyInstalled,
  CosmosError,
  cosmosError,
  NotInPlace,
  NotInstalled,
  OptionsRefused,
  PackageNotFound,
  SeveralFrameworks,
  VersionNotFound,
} from "../../../components/dcos/api/cosmos-errors";
import { DcosSession, Unreachable } from "../../../components/dcos/api/session";
import { cosmosCalls, mediaType } from "../../../components/dcos/api/shapes";
import { etcdPackage, marathonPackage } from "../../helpers/dcos-packages";
import { FakeDcos } from "../../helpers/fake-dcos";

const cluster = new FakeDcos();
let cosmos: CosmosClient;

beforeAll(async () => {
  await cluster.start();
  cluster.packages.set("marathon", marathonPackage);
  cluster.packages.set("marathon-lb", [{ ...etcdPackage, version: "1.15.0" }]);
  cluster.packages.set("etcd", [etcdPackage]);
  const options = { say: () => undefined, patienceMs: 50 };
  cosmos = new CosmosClient(new DcosSession({ url: cluster.url }, options));
});
afterAll(() => cluster.stop());
beforeEach(() => {
  cluster.faults.length = 0;
  cluster.apps.clear();
});

test("every call has its versioned types", () => {
  const types = Object.fromEntries(
    Object.entries(cosmosCalls).map(([name, { path, contentType, accept }]) => [
      name,
      [path, contentType, accept].join(" ").replaceAll("application/vnd.dcos.", ""),
    ]),
  );
  expect(types).toMatchObject({
    describe:
      "/package/describe package.describe-request+json;charset=utf-8;version=v1 package.describe-response+json;charset=utf-8;version=v3",
    install:
      "/package/install package.install-request+json;charset=utf-8;version=v1 package.install-response+json;charset=utf-8;version=v2",
    repositoryAdd:
      "/package/repository/add package.repository.add-request+json;charset=utf-8;version=v1 package.repository.add-response+json;charset=utf-8;version=v1",
    serviceUpdate:
      "/cosmos/service/update service.update-request+json;charset=utf-8;version=v1 service.update-response+json;charset=utf-8;version=v1",
  });
  expect(mediaType("package.error", 1)).toBe(
    "application/vnd.dcos.package.error+json;charset=utf-8;version=v1",
  );
});

test("a package is described, listed, rendered, installed, updated and uninstalled", async () => {
  expect(await cosmos.versions("marathon")).toEqual(["1.7.188", "1.6.335"]);
  expect((await cosmos.describe("marathon")).version).toBe("1.7.188");
  const request = { packageName: "marathon", options: { service: { cpus: 1 } } };
  expect(await cosmos.render(request)).toMatchObject({ id: "/marathon-user", cpus: 1 });
  expect(cluster.apps.size).toBe(0);
  const installed = await cosmos.install(request);
  expect(installed).toEqual({
    packageName: "marathon",
    packageVersion: "1.7.188",
    appId: "/marathon-user",
  });
  expect((await cosmos.list()).map(({ appId }) => appId)).toEqual(["/marathon-user"]);
  expect((await cosmos.describeService("/marathon-user")).upgradesTo).toEqual([
    "1.6.335",
    "1.7.188",
  ]);
  const update = { appId: "/marathon-user", options: { service: { cpus: 3 } }, replace: true };
  expect((await cosmos.updateService(update)).marathonDeploymentId).toBe("deployment-2");
  expect(cluster.apps.get("/marathon-user")?.cpus).toBe(3);
  expect(await cosmos.uninstall("marathon", "/marathon-user")).toBe(true);
  await expect(cosmos.uninstall("marathon", "/marathon-user")).rejects.toThrow(NotInstalled);
});

test("repositories are read, added and deleted", async () => {
  await cosmos.addRepository("own", "https://own.example.com/repo", 0);
  expect((await cosmos.repositories()).map(({ name }) => name)).toEqual(["own", "Universe"]);
  expect((await cosmos.deleteRepository("own")).map(({ name }) => name)).toEqual(["Universe"]);
});

test("an unknown package comes with those there are, an unknown version with its versions", async () => {
  const unknown = cosmos.describe("marathon-l");
  await expect(unknown).rejects.toThrow(PackageNotFound);
  await expect(unknown).rejects.toThrow(
    `POST ${cluster.url}/package/describe: HTTP 400 PackageNotFound: Package [marathon-l] not found; there are: marathon, marathon-lb; repositories: Universe (https://universe.example.com/repo)`,
  );
  await expect(cosmos.describe("nomad")).rejects.toThrow("there are: etcd, marathon, marathon-lb;");
  const version = cosmos.describe("marathon", "2");
  await expect(version).rejects.toThrow(VersionNotFound);
  await expect(version).rejects.toThrow("there are: 1.7.188, 1.6.335");
});

test("help that cannot be had does not hide the error", async () => {
  cluster.faults.push({ on: "POST /package/search", answer: { status: 500, body: "no" } });
  cluster.faults.push({ on: "POST /package/repository", answer: { status: 500, body: "no" } });
  await expect(cosmos.describe("nomad")).rejects.toThrow(
    "Package [nomad] not found; there are: none; repositories: none",
  );
});

const refusal = (status: number, type: string, data: object = {}) => ({
  status,
  body: JSON.stringify({ type, message: "No.", data }),
});

test.each([
  [409, "PackageAlreadyInstalled", AlreadyInstalled, "or a deployment has locked it"],
  [400, "VersionUpgradeNotSupportedInOpen", NotInPlace, "changes no versions in place"],
  [400, "MultipleFrameworkIds", SeveralFrameworks, "the app is gone, its frameworks are not"],
  [503, "IncompleteUninstall", CosmosError, "the app is gone, its framework may not be"],
  [500, "MarathonGenericError", CosmosError, "HTTP 500 MarathonGenericError: No."],
])("%s %s is an answer of its own", async (status, type, kind, message) => {
  cluster.faults.push({ on: "POST /package/install", answer: refusal(status, type) });
  const failed = cosmos.install({ packageName: "etcd" });
  await expect(failed).rejects.toThrow(kind);
  await expect(failed).rejects.toThrow(message);
});

test("a Marathon that is away behind it is waited for", async () => {
  cluster.faults.push({ on: "POST", answer: refusal(502, "MarathonBadGateway") });
  await expect(cosmos.install({ packageName: "etcd" })).rejects.toThrow(Unreachable);
});

test("what the schema refused is listed by its place", () => {
  const errors = [
    { instance: { pointer: "/service/cpus" }, message: "too small" },
    { message: "something else" },
  ];
  const error = cosmosError("POST x", "No.", {
    type: "JsonSchemaMismatch",
    status: 400,
    data: { errors },
  });
  expect(error).toBeInstanceOf(OptionsRefused);
  expect(error.message).toBe(
    "POST x JsonSchemaMismatch: No.\noptions.service.cpus: too small\nsomething else",
  );
});

test("an answer that is not Cosmos's is quoted", async () => {
  const answer = { status: 200, body: "<h1>Sign in</h1>", type: "text/html" };
  cluster.faults.push({ on: "POST", times: 1, answer });
  await expect(cosmos.list()).rejects.toThrow(
    `POST ${cluster.url}/package/list: HTTP 200, but not an answer of Cosmos's: Sign in; the URL has to be the cluster's own, for instance https://dcos.example.com`,
  );
  cluster.faults.push({ on: "POST", answer: { status: 200, body: '{"packages": [{}]}' } });
  await expect(cosmos.list()).rejects.toThrow(
    "not an answer of Cosmos's (packages.0.appId: Invalid input: expected string, received undefined)",
  );
});
