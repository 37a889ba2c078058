import { canonicalId } from "../../../../standins/dcos/master/app";
import { parseApp } from "../../../../standins/dcos/master/parse-app";

test("fills in Marathon's defaults", () => {
  expect(parseApp({ id: "x", cmd: "true" })).toEqual({
    app: {
      id: "/x",
      cmd: "true",
      env: {},
      labels: {},
      instances: 1,
      cpus: 1,
      mem: 128,
      disk: 0,
      constraints: [],
      acceptedResourceRoles: ["*"],
      networks: [{ mode: "host" }],
      portDefinitions: [{ port: 0, protocol: "tcp", name: "default", labels: {} }],
      requirePorts: false,
      healthChecks: [],
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      backoffSeconds: 1,
      backoffFactor: 1.15,
      maxLaunchDelaySeconds: 300,
    },
  });
});

test("takes back what it has shown", () => {
  const parsed = parseApp({
    id: "/x",
    args: ["sleep", "1"],
    networks: [{ mode: "container", name: "calico-open" }],
    container: { type: "MESOS", portMappings: [{ containerPort: 8080, hostPort: null }] },
    healthChecks: [{ protocol: "COMMAND", command: { value: "true" } }],
    constraints: [["hostname", "UNIQUE"]],
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const shown = { ...parsed.app, version: "2026-01-01T00:00:00.000Z", deployments: [] };
  expect(parseApp(shown)).toEqual(parsed);
});

test.each([
  [{ cmd: "true" }, "/id", "is missing"],
  [
    { id: "/x" },
    "/",
    "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  ],
  [{ id: "/x", cmd: "a", instances: 1.5 }, "/instances", "must be a whole number"],
  [{ id: "/x", cmd: "a", cpus: -1 }, "/cpus", "must be at least 0, got -1"],
  [{ id: "/x", cmd: "a", env: { A: 1 } }, "/env", "must be an object of texts"],
  [{ id: "/x", cmd: "a", residency: {} }, "/residency", "is not supported by the stand-in"],
  [{ id: "/x", cmd: "a", container: { type: "DOCKER" } }, "/container/docker", "is missing"],
  [
    { id: "/x", container: { type: "DOCKER", docker: {} } },
    "/container/docker/image",
    "is missing",
  ],
  [
    { id: "/x", cmd: "a", container: { type: "MESOS", volumes: [{ hostPath: "/" }] } },
    "/container/volumes",
    "must be empty: the stand-in mounts nothing",
  ],
  [{ id: "/x", cmd: "a", fetch: [{ extract: true }] }, "/fetch(0)/uri", "is missing"],
  [
    { id: "/x", cmd: "a", ipAddress: {}, networks: [{ mode: "host" }] },
    "/ipAddress",
    "must be missing where there are networks",
  ],
  [
    { id: "/x", container: { docker: { image: "nginx", network: "NONE" } } },
    "/container/docker/network",
    "must be one of HOST, BRIDGE, USER, got NONE",
  ],
  [
    {
      id: "/x",
      cmd: "a",
      ipAddress: { networkName: "n", discovery: { ports: [{ number: 80, name: "http" }] } },
      container: { type: "MESOS", portMappings: [{ containerPort: 80 }] },
    },
    "/container/portMappings",
    "only one of container.portMappings, container.docker.portMappings and ipAddress.discovery.ports may be set",
  ],
  [
    { id: "/x", cmd: "a", portDefinitions: [{ port: 70_000 }] },
    "/portDefinitions(0)/port",
    "must be at most 65535, got 70000",
  ],
  [{ id: "/x", cmd: "a", gpus: 1 }, "/gpus", "the stand-in knows only 0"],
  [
    { id: "/x", cmd: "a", networks: [{ mode: "container" }] },
    "/networks(0)/name",
    "is missing; the stand-in has no default network",
  ],
  [
    { id: "/x", cmd: "a", constraints: [["hostname", "SPREAD"]] },
    "/constraints(0)",
    "must be [field, operator, value?] with an operator of UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS",
  ],
  [
    { id: "/x", cmd: "a", constraints: [["hostname", "MAX_PER"]] },
    "/constraints(0)",
    "MAX_PER needs a value",
  ],
  [
    { id: "/x", cmd: "a", constraints: [["hostname", "LIKE", "("]] },
    "/constraints(0)",
    "LIKE needs a regular expression, got (",
  ],
  [
    { id: "/x", cmd: "a", healthChecks: [{ protocol: "COMMAND" }] },
    "/healthChecks(0)/command",
    'COMMAND needs {"value": "..."}, other protocols take none',
  ],
  [
    { id: "/x", cmd: "a", acceptedResourceRoles: [] },
    "/acceptedResourceRoles",
    "must not be empty",
  ],
])("refuses %j", (raw, path, error) => {
  expect(parseApp(raw)).toEqual({ problems: [{ path, errors: [error] }] });
});

test("tells all problems at once", () => {
  const parsed = parseApp({ id: "/Bad_Id", cmd: 1, mem: "much" });
  expect("problems" in parsed && parsed.problems.map(({ path }) => path)).toEqual([
    "/cmd",
    "/",
    "/id",
    "/mem",
  ]);
});

test.each([
  ["x", "/x"],
  ["/x", "/x"],
  ["//a//b/", "/a/b"],
])("the id %s is %s", (id, canonical) => {
  expect(canonicalId(id)).toBe(canonical);
});

test("uris become what is fetched, and archives are unpacked", () => {
  const uris = ["http://127.0.0.1/a.tgz", "http://127.0.0.1/svc.yml"];
  const file = { executable: false, cache: false };
  expect(parseApp({ id: "/x", cmd: "a", uris })).toMatchObject({
    app: {
      fetch: [
        { uri: uris[0], extract: true, ...file },
        { uri: uris[1], extract: false, ...file },
      ],
    },
  });
});
