import { generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import { readArgs } from "../../../../standins/dcos/lb/args";
import { renderConfig } from "../../../../standins/dcos/lb/config";
import { readCredential } from "../../../../standins/dcos/lb/marathon-client";
import { type Selection, selectServices } from "../../../../standins/dcos/lb/select";
import { describeWithShared, sharedText } from "../../../helpers/shared";
import { full, nginx } from "./balancer-config";

const selection: Selection = {
  groups: ["external"],
  healthCheck: true,
  strict: false,
  taken: [9090],
};
const healthy = [{ alive: true, consecutiveFailures: 0 }];

function task(n: number, fields: Readonly<Record<string, unknown>> = {}) {
  return {
    id: `x.${n}`,
    state: "TASK_RUNNING",
    host: `10.0.0.${n}`,
    ports: [31_000 + n],
    ipAddresses: [{ ipAddress: `192.168.128.${n}`, protocol: "IPv4" }],
    healthCheckResults: healthy,
    ...fields,
  };
}

function app(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    id: "/g/nginx",
    labels: { HAPROXY_GROUP: "external" },
    networks: [{ mode: "container", name: "calico-open" }],
    container: { portMappings: [{ containerPort: 80, servicePort: 10_000 }] },
    healthChecks: [
      {
        protocol: "MESOS_HTTP",
        path: "/",
        portIndex: 0,
        intervalSeconds: 3,
        timeoutSeconds: 2,
        maxConsecutiveFailures: 3,
      },
    ],
    tasks: [task(2), task(1)],
    ...fields,
  };
}

test("a task with an address of its own is reached there, one on the host at the agent's", () => {
  expect(selectServices({ apps: [app()] }, selection)).toEqual({ services: [nginx], notes: [] });
  const onHost = app({
    networks: [{ mode: "host" }],
    container: undefined,
    portDefinitions: [{ port: 10_000 }],
  });
  expect(selectServices({ apps: [onHost] }, selection).services).toEqual([
    {
      ...nginx,
      servers: [
        { name: "10_0_0_1_31001", address: "10.0.0.1", port: 31_001 },
        { name: "10_0_0_2_31002", address: "10.0.0.2", port: 31_002 },
      ],
    },
  ]);
});

test.each([
  ["no result yet", { healthCheckResults: [] }],
  ["a failed check", { healthCheckResults: [{ alive: false, consecutiveFailures: 1 }] }],
  ["a task that is ending", { state: "TASK_KILLING" }],
])("a task with %s is asked nothing", (_, fields) => {
  const [service] = selectServices(
    { apps: [app({ tasks: [task(1, fields)] })] },
    selection,
  ).services;
  expect(service).toBeUndefined();
});

test("without --health-check every running task is asked", () => {
  const apps = [app({ tasks: [task(1, { healthCheckResults: [] })] })];
  const { services } = selectServices({ apps }, { ...selection, healthCheck: false });
  expect(services[0]?.servers).toHaveLength(1);
});

test.each<[Readonly<Record<string, string>>, Partial<Selection>, boolean]>([
  [{ HAPROXY_GROUP: "internal,external" }, {}, true],
  [{ HAPROXY_GROUP: "internal" }, {}, false],
  [{}, {}, false],
  [{}, { groups: ["*"] }, true],
  [{ HAPROXY_0_GROUP: "external" }, {}, true],
  [{ HAPROXY_GROUP: "external", HAPROXY_0_GROUP: "internal" }, {}, false],
  [{ HAPROXY_GROUP: "external", HAPROXY_0_ENABLED: "false" }, {}, false],
  [{ HAPROXY_GROUP: "external" }, { strict: true }, false],
  [{ HAPROXY_GROUP: "external", HAPROXY_0_ENABLED: "true" }, { strict: true }, true],
])("an app with the labels %j is served with %j: %s", (labels, changes, served) => {
  const { services } = selectServices({ apps: [app({ labels })] }, { ...selection, ...changes });
  expect(services.map(({ name }) => name)).toEqual(served ? ["g_nginx_10000"] : []);
});

test("takes from labels what they say of a port, and only what is plainly that", () => {
  const labels = {
    HAPROXY_GROUP: "external",
    HAPROXY_0_VHOST: "a.example, b.example",
    HAPROXY_0_PATH: "/shop",
    HAPROXY_0_PORT: "10099",
    HAPROXY_0_STICKY: "true",
    HAPROXY_0_REDIRECT_TO_HTTPS: "yes",
    HAPROXY_0_BACKEND_WEIGHT: "5",
    HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: "10.0.0.0/8 192.0.2.1",
  };
  expect(selectServices({ apps: [app({ labels })] }, selection)).toEqual({
    services: [
      {
        ...nginx,
        name: "g_nginx_10099",
        port: 10_099,
        mode: "http",
        hosts: ["a.example", "b.example"],
        path: "/shop",
        weight: 5,
        sticky: true,
        redirectToHttps: true,
        allowed: ["10.0.0.0/8", "192.0.2.1"],
      },
    ],
    notes: [],
  });
  const bad = {
    HAPROXY_GROUP: "external",
    HAPROXY_0_VHOST: "a.example\n  stats enable",
    HAPROXY_0_PORT: "70000",
    HAPROXY_0_MODE: "udp",
    HAPROXY_0_BACKEND_HEAD: "backend x",
    HAPROXY_1_VHOST: "b.example",
  };
  expect(selectServices({ apps: [app({ labels: bad })] }, selection)).toEqual({
    services: [nginx],
    notes: [
      "/g/nginx: HAPROXY_0_BACKEND_HEAD is ignored: it is not known here",
      "/g/nginx: HAPROXY_1_VHOST: there is no port 1",
      '/g/nginx: HAPROXY_0_PORT is ignored: "70000" is not a port',
      '/g/nginx: HAPROXY_0_VHOST is ignored: "a.example\\n  stats enable" is not a host name',
      '/g/nginx: HAPROXY_0_MODE is ignored: "udp" is not http or tcp',
    ],
  });
});

test("a port is one app's", () => {
  const same = app({ id: "/other" });
  const own = app({
    id: "/own",
    container: { portMappings: [{ containerPort: 80, servicePort: 9090 }] },
  });
  const { services, notes } = selectServices({ apps: [own, same, app()] }, selection);
  expect(services.map(({ name }) => name)).toEqual(["g_nginx_10000"]);
  expect(notes).toEqual([
    "other_10000: port 10000 is taken by g_nginx_10000; give the app another servicePort",
    "own_9090: port 9090 is taken by the balancer; give the app another servicePort",
  ]);
});

test("what is not known cannot be balanced, and is told", () => {
  const unknown = app({
    container: { portMappings: [{ containerPort: 0, servicePort: 10_000 }] },
    tasks: [task(1)],
  });
  expect(selectServices({ apps: [unknown] }, selection).notes).toEqual([
    "/g/nginx: no address and port for port 0 of x.1",
  ]);
  expect(selectServices("no answer", selection)).toEqual({ services: [], notes: [] });
});

test("renders HAProxy's configuration", () => {
  expect(renderConfig(full)).toBe(`global
  stats socket unix@haproxy.sock mode 600 level admin expose-fd listeners
  hard-stop-after 5m

defaults
  option redispatch
  retries 3
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  timeout http-request 10s
  timeout tunnel 1h

frontend balancer
  bind *:9090
  mode http
  monitor-uri /_haproxy_health_check
  stats enable
  stats uri /haproxy?stats
  default_backend control

backend control
  mode http
  server control unix@control.sock

frontend marathon_http_in
  bind *:80
  mode http
  option forwardfor
  acl host_shop_10001 req.hdr(host),field(1,:) -i -m str a.example b.example
  acl path_shop_10001 path_beg /shop
  acl host_all_10002 req.hdr(host),field(1,:) -i -m str a.example
  http-request redirect scheme https code 301 if host_shop_10001 path_shop_10001
  use_backend shop_10001 if host_shop_10001 path_shop_10001
  use_backend all_10002 if host_all_10002

frontend all_10002
  bind *:10002
  mode http
  option forwardfor
  default_backend all_10002

frontend g_nginx_10000
  bind *:10000
  mode tcp
  default_backend g_nginx_10000

frontend shop_10001
  bind *:10001
  mode http
  option forwardfor
  default_backend shop_10001

backend all_10002
  mode http
  balance roundrobin
  timeout check 2s
  option httpchk GET /

backend g_nginx_10000
  mode tcp
  balance roundrobin
  timeout check 2s
  option httpchk GET /
  server 192_168_128_1_80 192.168.128.1:80 check inter 3s fall 3
  server 192_168_128_2_80 192.168.128.2:80 check inter 3s fall 3

backend shop_10001
  mode http
  balance roundrobin
  tcp-request content reject unless { src 10.0.0.0/8 192.0.2.1 }
  cookie marathon_lb_server insert indirect nocache
  timeout check 5s
  option httpchk GET /health
  server s_80 10.0.0.1:80 check inter 10s fall 2 check-ssl verify none port 8081 cookie s_80
`);
});

test("serves HTTPS where there is a certificate", () => {
  const https = { port: 443, certificate: "/etc/certificate.pem" };
  const text = renderConfig({ ...full, services: [], web: { http: 80, https } });
  expect(text).toContain(`frontend marathon_https_in
  bind *:443 ssl crt /etc/certificate.pem
  mode http
  option forwardfor
  http-request set-header X-Forwarded-Proto https
`);
  expect(renderConfig({ bind: "*", statsPort: 9090, services: [] })).not.toContain("marathon_http");
});

test("is told what to do as marathon-lb is", () => {
  const marathon = "http://master.mesos/service/marathon-user/";
  const argv = `sse -m ${marathon} --health-check --haproxy-map --max-reload-retries 3 --group external`;
  expect(readArgs(argv.split(" "))).toEqual({
    marathon: "http://master.mesos/service/marathon-user",
    groups: ["external"],
    healthCheck: true,
    bindHttpHttps: true,
    strict: false,
    reloadRetries: 3,
    reloadIntervalSeconds: 10,
    bind: "*",
    statsPort: 9090,
  });
  expect(() => readArgs(["poll"])).toThrow(
    "poll: only sse, following events, is known\nusage: sse",
  );
  expect(() => readArgs(["sse", "-m", "master"])).toThrow("--marathon: expected one URL");
  expect(() => readArgs(["sse", "--marathon-auth"])).toThrow("Unknown option '--marathon-auth'");
  expect(() => readArgs([...argv.split(" "), "--stats-port", "x"])).toThrow(
    "--stats-port: expected a whole number, got x",
  );
});

test("a service account's credential is read, and its key is not quoted", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const login_endpoint = "https://leader.mesos/acs/api/v1/auth/login";
  const credential = readCredential(
    JSON.stringify({ login_endpoint, uid: "lb", private_key: pem, scheme: "RS256" }),
  );
  if (credential === undefined) throw new Error("no credential");
  expect(credential).toEqual({ loginEndpoint: login_endpoint, uid: "lb", privateKey: pem });
  expect(readCredential(undefined)).toBeUndefined();
  expect(() => readCredential(`{"uid": "lb", "private_key": "${"secret"}"`)).toThrow(
    "the service account's credential: expected JSON with login_endpoint, uid and private_key",
  );
});

describeWithShared("dcos-conformance/marathon-lb", "marathon-lb's choice of backends", () => {
  const { cases } = z
    .object({
      cases: z.array(
        z.object({
          name: z.string(),
          groups: z.array(z.string()),
          apps: z.array(z.record(z.string(), z.unknown())),
          services: z.array(
            z.object({
              servicePort: z.number(),
              mode: z.string().nullable(),
              backends: z.array(z.tuple([z.string(), z.string(), z.number()])),
            }),
          ),
          haproxy: z.record(z.string(), z.unknown()),
        }),
      ),
    })
    .parse(JSON.parse(sharedText("dcos-conformance", "marathon-lb", "cases.json")));

  test.each(cases)("$name", ({ groups, apps, services, haproxy }) => {
    const found = selectServices({ apps }, { ...selection, groups }).services;
    // What is not of the group has no part in HAProxy's configuration.
    const served = services.filter(({ servicePort }) =>
      Object.keys(haproxy).some((head) => head.endsWith(`_${servicePort}`)),
    );
    expect(
      found.map(({ port, mode, servers }) => [
        port,
        mode,
        servers.map((server) => `${server.address}:${server.port}`),
      ]),
    ).toEqual(
      served.map(({ servicePort, mode, backends }) => [
        servicePort,
        mode,
        backends.map(([, address, port]) => `${address}:${port}`),
      ]),
    );
  });
});
