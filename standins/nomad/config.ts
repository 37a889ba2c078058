import { SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";
import { readConfigFile } from "../common/config-file";
import type { Listen } from "../common/http";

/**
 * What stands in for Nomad: a server with the HTTP API, and clients that run allocations. They are programs of one
 * argument, a JSON file with what is below. A client calls CNI plugins by the libraries that a client of Nomad has for it
 * (the program `nomad-cni`). What they do not do: bridge mode, Docker, Consul, Vault, volumes, several regions or
 * namespaces, several servers, API of clients.
 */
export interface ServerConfig {
  /** Where the HTTP API is served; 4646 on a real one. */
  readonly http: Listen;
  /** Where clients report to; 4647 on a real one. */
  readonly rpc: Listen;
  /** Folder for jobs, allocations and nodes, so that a restart keeps them. Made when missing. */
  readonly stateDir: string;
  readonly name: string;
  readonly version: string;
  /** Default: `dc1`. */
  readonly datacenter: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** By secret id, the tokens that are let in, and whether each may change anything. Default: ACLs are off. */
  readonly tokens?: Readonly<Record<string, TokenConfig>>;
  /** Milliseconds without a report until a node is down. */
  readonly heartbeatMs: number;
  /** Milliseconds until a failed allocation is tried anew. */
  readonly rescheduleMs: number;
}

export interface TokenConfig {
  readonly write: boolean;
}

export interface ClientConfig {
  readonly name: string;
  readonly address: string;
  readonly datacenter: string;
  readonly version: string;
  /** URL of the server's port for clients. */
  readonly server: string;
  /** Folder for allocations; must outlive a restart of the host. Made when missing. */
  readonly dataDir: string;
  /** `client.cni_config_dir`. Default `/opt/cni/config`. */
  readonly cniConfigDir: string;
  /** `client.cni_path`, several folders with colons between them. Default `/opt/cni/bin:/usr/libexec/cni`. */
  readonly cniPath: string;
  /** The program that reads CNI files and calls plugins. */
  readonly cniProgram: string;
  /** Milliseconds until a task that has ended is started anew; 15 s on a real one. */
  readonly restartMs: number;
  /** Milliseconds between two reports. */
  readonly reportMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads fields of one file, and names what is wrong with one. */
class Reader {
  constructor(
    private readonly path: string,
    private readonly fields: Fields,
  ) {}

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  text(name: string, otherwise?: string): string {
    const value = this.fields[name] ?? otherwise;
    if (typeof value === "string" && value !== "") return value;
    throw this.bad(name, "a text");
  }

  number(name: string, otherwise: number): number {
    const value = this.fields[name] ?? otherwise;
    if (typeof value === "number" && value >= 0) return value;
    throw this.bad(name, "a number");
  }

  listen(name: string): Listen {
    const value = this.fields[name];
    if (isRecord(value) && typeof value.address === "string" && typeof value.port === "number")
      return { address: value.address, port: value.port };
    throw this.bad(name, '{"address": "0.0.0.0", "port": 4646}');
  }

  tls(): { readonly cert: string; readonly key: string } {
    const value = this.fields.tls;
    if (isRecord(value) && typeof value.cert === "string" && typeof value.key === "string")
      return { cert: value.cert, key: value.key };
    throw this.bad("tls", '{"cert": "/path", "key": "/path"}');
  }

  tokens(): Readonly<Record<string, TokenConfig>> {
    const value = this.fields.tokens;
    const wanted = '{"<secret id>": {"write": true}}';
    if (!isRecord(value)) throw this.bad("tokens", wanted);
    return Object.fromEntries(
      Object.entries(value).map(([secret, token]) => {
        if (!isRecord(token) || typeof token.write !== "boolean") throw this.bad("tokens", wanted);
        return [secret, { write: token.write }];
      }),
    );
  }

  private bad(name: string, wanted: string): SeamlessError {
    const found = name === "tokens" ? "not right" : JSON.stringify(this.fields[name]);
    return new SeamlessError(
      `${this.path}: ${name} is ${found ?? "missing"}, expected ${wanted}`,
      2,
    );
  }
}

const defaultVersion = "1.9.7";

/** @throws SeamlessError that names the file and the field. */
export function readServerConfig(path: string | undefined): ServerConfig {
  const reader = new Reader(String(path), readConfigFile(path));
  return {
    http: reader.listen("http"),
    rpc: reader.listen("rpc"),
    stateDir: reader.text("stateDir"),
    name: reader.text("name", "server"),
    version: reader.text("version", defaultVersion),
    datacenter: reader.text("datacenter", "dc1"),
    heartbeatMs: reader.number("heartbeatMs", 10_000),
    rescheduleMs: reader.number("rescheduleMs", 30_000),
    ...(reader.has("tls") ? { tls: reader.tls() } : {}),
    ...(reader.has("tokens") ? { tokens: reader.tokens() } : {}),
  };
}

/** @throws SeamlessError that names the file and the field. */
export function readClientConfig(path: string | undefined): ClientConfig {
  const reader = new Reader(String(path), readConfigFile(path));
  return {
    name: reader.text("name"),
    address: reader.text("address"),
    datacenter: reader.text("datacenter", "dc1"),
    version: reader.text("version", defaultVersion),
    server: reader.text("server"),
    dataDir: reader.text("dataDir"),
    cniConfigDir: reader.text("cniConfigDir", "/opt/cni/config"),
    cniPath: reader.text("cniPath", "/opt/cni/bin:/usr/libexec/cni"),
    cniProgram: reader.text("cniProgram", "nomad-cni"),
    restartMs: reader.number("restartMs", 15_000),
    reportMs: reader.number("reportMs", 500),
  };
}
