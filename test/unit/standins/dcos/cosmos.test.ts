import { CosmosError } from "../../../../standins/dcos/cosmos/errors";
import { renderTemplate } from "../../../../standins/dcos/cosmos/mustache";
import { defaultsOf, resolveOptions } from "../../../../standins/dcos/cosmos/options";
import { definitionOf, type Json, type Release } from "../../../../standins/dcos/cosmos/package";
import { etcdReleases } from "../../../../standins/dcos/cosmos/packages/etcd";
import { marathonReleases } from "../../../../standins/dcos/cosmos/packages/marathon";
import { marathonLbReleases } from "../../../../standins/dcos/cosmos/packages/marathon-lb";
import { decodeEnvelope, decodeLabel, renderApp } from "../../../../standins/dcos/cosmos/render";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { isRecord } from "../../../../util/json";

function release(releases: readonly Release[], version: string): Release {
  const found = releases.find((one) => one.version === version);
  if (found === undefined) throw new Error(version);
  return found;
}

const marathon = release(marathonReleases, "1.7.188");
const balancer = release(marathonLbReleases, "1.15.0");
const etcd = release(etcdReleases, "0.1.0-3.3.12");

function render(of: Release, options?: Json, appId?: string): Json {
  const source = "http://universe.lab/repo";
  return renderApp({ release: of, source, options, ...(appId === undefined ? {} : { appId }) });
}

/** The app without the labels that hold the whole package. */
function shape(of: Release, options?: Json): Json {
  const { labels, ...app } = render(of, options);
  const own = Object.entries({ ...(typeof labels === "object" ? labels : {}) }).filter(
    ([name]) => !["DCOS_PACKAGE_OPTIONS", "DCOS_PACKAGE_DEFINITION"].includes(name),
  );
  return { ...app, labels: Object.fromEntries(own) };
}

test("a property's own default wins over those inside it, and empty objects are left out", () => {
  const schema = {
    properties: {
      a: { default: { x: 1 }, properties: { y: { default: 2 } } },
      b: { properties: { c: { default: false }, d: {} } },
      e: { properties: { f: {} } },
    },
  };
  expect(defaultsOf(schema)).toEqual({ a: { x: 1 }, b: { c: false } });
});

test.each([
  ["{{a}}", { a: 'quote " & <tag>\n' }, 'quote \\" & <tag>\\n'],
  ["{{{a}}} {{b.c}}", { a: "x", b: { c: 0.5 } }, "x 0.5"],
  ["{{list}}", { list: ["a", "b", 1] }, '["a", "b", 1]'],
  ["{{#list}}<{{.}}>{{/list}}", { list: ["a", "b"] }, '<"a"><"b">'],
  ["{{#zero}}is {{zero}}{{/zero}}{{^zero}}none{{/zero}}", { zero: 0 }, "is 0"],
  [
    "{{#no}}a{{/no}}{{^no}}b{{/no}}{{^missing}}c{{/missing}}{{#empty}}d{{/empty}}",
    { no: false, empty: "" },
    "bc",
  ],
  ["{{#asJson}}a{{/asJson}} {{#asJson}}b{{/asJson}}", { a: 'x"' }, '"x\\"" null'],
  ["{{yes}}{{! a comment }}", { yes: true }, "true"],
])("%s of %j", (template, options, text) => {
  expect(renderTemplate(template, options)).toBe(text);
});

test("marathon is an app for one agent, with free ports and a generous first check", () => {
  expect(shape(marathon)).toEqual({
    id: "marathon-user",
    cpus: 2,
    mem: 1536,
    instances: 1,
    user: "nobody",
    constraints: [["hostname", "UNIQUE"]],
    ports: [0, 0],
    container: {
      type: "DOCKER",
      docker: { image: "mesosphere/marathon:v1.7.188", network: "HOST" },
    },
    cmd: expect.stringMatching(
      /^LIBPROCESS_PORT=\$PORT1 && \.\/bin\/start .* --http_port {2}\$PORT0 /,
    ),
    env: { MESOS_NATIVE_JAVA_LIBRARY: "/usr/lib/libmesos.so", JVM_OPTS: "-Xms256m -Xmx768m " },
    uris: [],
    healthChecks: [
      {
        protocol: "HTTP",
        path: "/ping",
        portIndex: 0,
        gracePeriodSeconds: 1800,
        intervalSeconds: 10,
        timeoutSeconds: 5,
        maxConsecutiveFailures: 3,
      },
    ],
    labels: {
      DCOS_PACKAGE_FRAMEWORK_NAME: "marathon-user",
      DCOS_SERVICE_NAME: "marathon-user",
      DCOS_SERVICE_SCHEME: "http",
      DCOS_SERVICE_PORT_INDEX: "0",
      DCOS_PACKAGE_NAME: "marathon",
      DCOS_PACKAGE_VERSION: "1.7.188",
      DCOS_PACKAGE_SOURCE: "http://universe.lab/repo",
    },
  });
});

test("a port that is asked for is a service port only, and used literally all the same", () => {
  const app = shape(marathon, { service: { group: "dev" }, marathon: { "http-port": 8080 } });
  expect(app.id).toBe("dev/marathon-user");
  expect(app.ports).toEqual([8080, 0]);
  expect(app.cmd).toContain(" --http_port 8080 ");
  expect(app).not.toHaveProperty("requirePorts");
});

test("the older release knows no user, and takes flags it does not know", () => {
  const old = release(marathonReleases, "1.6.335");
  expect(shape(old, { marathon: { "some-flag": 1 } })).not.toHaveProperty("user");
  expect(() => render(old, { service: { user: "root" } })).toThrow(
    "Options JSON failed validation",
  );
});

test("marathon-lb takes its ports and its place on public agents", () => {
  const app = shape(balancer, { "marathon-lb": { "marathon-uri": "http://x:1" } });
  expect(app).toMatchObject({
    id: "marathon-lb",
    acceptedResourceRoles: ["slave_public"],
    requirePorts: true,
    args: [
      ...["sse", "-m", "http://x:1", "--health-check", "--haproxy-map"],
      ...["--max-reload-retries", "10", "--reload-interval", "10", "--group", "external"],
    ],
    upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
    container: { docker: { network: "HOST", privileged: true } },
    healthChecks: [{ protocol: "MESOS_HTTP", path: "/_haproxy_health_check", portIndex: 2 }],
  });
  expect(app.ports).toEqual([80, 443, 9090, 9091, ...range(10_000, 10_100)]);
});

test("marathon-lb without the ports of the web, for any agent, with ports to assign", () => {
  const app = shape(balancer, {
    "marathon-lb": {
      "bind-http-https": false,
      role: "",
      "auto-assign-service-ports": true,
      "strict-mode": true,
      "haproxy-map": false,
    },
  });
  expect(app).not.toHaveProperty("acceptedResourceRoles");
  expect(app.ports).toEqual([9090, 9091, ...range(10_000, 10_150)]);
  expect(app.args).toEqual([
    ...["sse", "-m", "http://marathon.mesos:8080", "--health-check", "--dont-bind-http-https"],
    ...["--min-serv-port-ip-per-task", "10101", "--max-serv-port-ip-per-task", "10150"],
    ...["--strict-mode", "--max-reload-retries", "10", "--reload-interval", "10"],
    ...["--group", "external"],
  ]);
  expect(app.healthChecks).toMatchObject([{ portIndex: 0 }]);
});

test("etcd's scheduler has its settings in its environment", () => {
  const app = shape(etcd, { node: { count: 5 }, service: { name: "kv" } });
  expect(app).toMatchObject({
    id: "kv",
    cmd: expect.stringMatching(/ && \.\/operator-scheduler\/bin\/operator svc\.yml$/),
    portDefinitions: [{ port: 0, protocol: "tcp", name: "api", labels: { VIP_0: "/api.kv:80" } }],
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    labels: { DCOS_COMMONS_API_VERSION: "v1", DCOS_COMMONS_UNINSTALL: "true" },
    env: {
      FRAMEWORK_NAME: "kv",
      NODE_COUNT: "5",
      NODE_PLACEMENT: '[["hostname", "UNIQUE"]]',
      NODE_CPUS: "1",
      DEPLOY_STRATEGY: "parallel",
      PORT_CLIENT: "2379",
      TLS_ENABLED: "false",
    },
  });
});

test.each([marathon, balancer, etcd, release(marathonReleases, "1.6.335")])(
  "$name $version renders to an app that Marathon takes",
  (of) => {
    expect(parseApp(render(of))).toHaveProperty("app.id");
  },
);

test("what a package was made from is kept with its app", () => {
  const { id, labels } = render(etcd, { node: { count: 4 } }, "/elsewhere");
  expect(id).toBe("/elsewhere");
  const { DCOS_PACKAGE_OPTIONS: options, DCOS_PACKAGE_DEFINITION: definition } = isRecord(labels)
    ? labels
    : {};
  expect(decodeLabel(options)).toEqual({ node: { count: 4 } });
  // Cosmos keeps the package compressed, and says so (its StorageEnvelope).
  expect(decodeLabel(definition)?.metadata).toEqual({
    "Content-Type": "application/vnd.dcos.universe.package+json;charset=utf-8;version=v4",
    "Content-Encoding": "gzip",
  });
  expect(decodeEnvelope(definition)).toEqual(JSON.parse(JSON.stringify(definitionOf(etcd))));
  expect(decodeEnvelope(options)).toBeUndefined();
  expect(decodeLabel("!")).toBeUndefined();
});

test.each([
  [etcd, { node: { count: 2 } }, ["/node/count minimum"]],
  [etcd, { node: { cpus: "1", disk_type: "FAST" } }, ["/node/cpus type", "/node/disk_type enum"]],
  [
    marathon,
    { service: { color: 1 }, x: 1 },
    ["/service additionalProperties", " additionalProperties"],
  ],
  [
    marathon,
    { service: { mem: 100, name: "Bad" } },
    ["/service/name pattern", "/service/mem minimum"],
  ],
  [balancer, { "marathon-lb": { instances: 1.5 } }, ["/marathon-lb/instances type"]],
])("$0.name refuses %#", (of, options, wanted) => {
  const refusal = refusalOf(() => resolveOptions(of, options));
  expect([refusal.type, refusal.message, refusal.status]).toEqual([
    "JsonSchemaMismatch",
    "Options JSON failed validation",
    400,
  ]);
  const errors = isRecord(refusal.data) ? refusal.data.errors : [];
  const found = (Array.isArray(errors) ? errors : []).map(
    (one) => `${one.instance.pointer} ${one.keyword}`,
  );
  expect(found.sort()).toEqual([...wanted].sort());
});

function refusalOf(run: () => unknown): CosmosError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof CosmosError) return thrown;
    throw thrown;
  }
  throw new Error("not refused");
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
