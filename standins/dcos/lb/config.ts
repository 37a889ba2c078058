/** What HAProxy is to do, as plain data. */
export interface BalancerConfig {
  /** Address that all ports are bound to; `*` for all. */
  readonly bind: string;
  /** Where the balancer answers for itself: health, statistics, its configuration. */
  readonly statsPort: number;
  /** The common ports, at which services are told apart by host name. Without them there are only service ports. */
  readonly web?: Web;
  readonly services: readonly Service[];
}

export interface Web {
  readonly http: number;
  /** Only with a certificate. */
  readonly https?: { readonly port: number; readonly certificate: string };
}

/** One port of an app, and where it leads. */
export interface Service {
  /** Names the parts of the configuration; of letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  readonly port: number;
  readonly mode: "http" | "tcp";
  /** Host names by which it is found at the common ports. */
  readonly hosts: readonly string[];
  /** Only requests below this path; at the common ports. */
  readonly path?: string;
  /** Of services with the same host the one with the greatest weight is asked first. */
  readonly weight: number;
  /** Keeps a client at its server by a cookie. */
  readonly sticky: boolean;
  /** Sends those who come by HTTP to HTTPS. */
  readonly redirectToHttps: boolean;
  /** Networks that may use it; empty for all. */
  readonly allowed: readonly string[];
  readonly check?: Check;
  readonly servers: readonly Server[];
}

export interface Check {
  /** Asked for by HTTP; without one a connection is enough. */
  readonly path?: string;
  readonly tls: boolean;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly failures: number;
}

export interface Server {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Where it is checked, if not at its port. */
  readonly checkPort?: number;
}

/** Sockets in HAProxy's working folder: its own, by which a new process takes over the ports, and the program's. */
export const sockets = { admin: "haproxy.sock", control: "control.sock" } as const;

/** A client's connections outlive a change of the configuration at most for this long. */
const oldestConnection = "5m";

/** HAProxy's configuration (HAProxy 2.6: "Configuration Manual"). Services are in the order of their names. */
export function renderConfig(config: BalancerConfig): string {
  const services = [...config.services].sort(byName);
  const blocks = [
    global(),
    defaults(),
    own(config),
    ...web(config, services),
    ...services.map((service) => frontend(config, service)),
    ...services.map(backend),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function byName(a: Service, b: Service): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [head, ...lines.map((line) => `  ${line}`)];
}

function global(): readonly string[] {
  return block("global", [
    `stats socket unix@${sockets.admin} mode 600 level admin expose-fd listeners`,
    `hard-stop-after ${oldestConnection}`,
  ]);
}

function defaults(): readonly string[] {
  return block("defaults", [
    "option redispatch",
    "retries 3",
    "timeout connect 5s",
    "timeout client 50s",
    "timeout server 50s",
    "timeout http-request 10s",
    "timeout tunnel 1h",
  ]);
}

function own({ bind, statsPort }: BalancerConfig): readonly string[] {
  return [
    ...block("frontend balancer", [
      `bind ${bind}:${statsPort}`,
      "mode http",
      "monitor-uri /_haproxy_health_check",
      "stats enable",
      "stats uri /haproxy?stats",
      "default_backend control",
    ]),
    "",
    ...block("backend control", ["mode http", `server control unix@${sockets.control}`]),
  ];
}

/** The ports that services share. */
function web({ bind, web: ports }: BalancerConfig, services: readonly Service[]) {
  if (ports === undefined) return [];
  const named = services
    .filter(({ hosts }) => hosts.length > 0)
    .sort((a, b) => b.weight - a.weight || depth(b) - depth(a) || byName(a, b));
  const conditions = named.flatMap((service) => [
    `acl host_${service.name} req.hdr(host),field(1,:) -i -m str ${service.hosts.join(" ")}`,
    ...(service.path === undefined ? [] : [`acl path_${service.name} path_beg ${service.path}`]),
  ]);
  const routes = named.map((service) => `use_backend ${service.name} if ${condition(service)}`);
  const redirects = named
    .filter(({ redirectToHttps }) => redirectToHttps)
    .map((service) => `http-request redirect scheme https code 301 if ${condition(service)}`);
  const { https } = ports;
  const plain = block("frontend marathon_http_in", [
    `bind ${bind}:${ports.http}`,
    "mode http",
    "option forwardfor",
    ...conditions,
    ...redirects,
    ...routes,
  ]);
  if (https === undefined) return [plain];
  const secure = block("frontend marathon_https_in", [
    `bind ${bind}:${https.port} ssl crt ${https.certificate}`,
    "mode http",
    "option forwardfor",
    "http-request set-header X-Forwarded-Proto https",
    ...conditions,
    ...routes,
  ]);
  return [plain, secure];
}

function depth({ path }: Service): number {
  return path?.length ?? 0;
}

function condition({ name, path }: Service): string {
  return path === undefined ? `host_${name}` : `host_${name} path_${name}`;
}

function frontend({ bind }: BalancerConfig, service: Service): readonly string[] {
  return block(`frontend ${service.name}`, [
    `bind ${bind}:${service.port}`,
    `mode ${service.mode}`,
    ...(service.mode === "http" ? ["option forwardfor"] : []),
    `default_backend ${service.name}`,
  ]);
}

function backend(service: Service): readonly string[] {
  const { name, mode, allowed, check, servers } = service;
  const sticky = service.sticky && mode === "http";
  const checked =
    check === undefined
      ? ""
      : ` check inter ${check.intervalSeconds}s fall ${check.failures}${check.tls ? " check-ssl verify none" : ""}`;
  return block(`backend ${name}`, [
    `mode ${mode}`,
    "balance roundrobin",
    ...(allowed.length === 0
      ? []
      : [`tcp-request content reject unless { src ${allowed.join(" ")} }`]),
    ...(sticky ? ["cookie marathon_lb_server insert indirect nocache"] : []),
    ...(check === undefined ? [] : [`timeout check ${check.timeoutSeconds}s`]),
    ...(check?.path === undefined ? [] : [`option httpchk GET ${check.path}`]),
    ...servers.map((server) => {
      const port = server.checkPort === undefined ? "" : ` port ${server.checkPort}`;
      const cookie = sticky ? ` cookie ${server.name}` : "";
      const options = check === undefined ? "" : `${checked}${port}`;
      return `server ${server.name} ${server.address}:${server.port}${options}${cookie}`;
    }),
  ]);
}
