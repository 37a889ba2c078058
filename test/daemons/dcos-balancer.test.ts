import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server as WebServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BalancerConfig, renderConfig, type Service } from "../../standins/dcos/lb/config";
import { Haproxy } from "../../standins/dcos/lb/haproxy";
import { execOrThrow } from "../../util/exec";
import { freePort } from "../helpers/ports";
import { full, nginx } from "../unit/standins/dcos/balancer-config";

const dir = mkdtempSync(join(tmpdir(), "seamless-haproxy-"));
const webs: WebServer[] = [];

afterAll(() => {
  for (const web of webs) web.close();
  rmSync(dir, { recursive: true, force: true });
});

test("HAProxy itself finds nothing wrong with all that can be in its configuration", async () => {
  const certificate = join(dir, "certificate.pem");
  await execOrThrow([
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.example"],
    ...["-keyout", certificate, "-out", join(dir, "public.pem")],
  ]);
  await execOrThrow(["sh", "-c", "cat public.pem >> certificate.pem"], { cwd: dir });
  const file = join(dir, "full.cfg");
  writeFileSync(
    file,
    renderConfig({ ...full, web: { http: 80, https: { port: 443, certificate } } }),
  );
  const { stdout, stderr } = await execOrThrow(["/usr/sbin/haproxy", "-c", "-f", file], {
    cwd: dir,
  });
  expect(stdout + stderr).toBe("Configuration file is valid\n");
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, headers, agent: false };
    request(options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (data: string) => {
        text += data;
      });
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, text, headers: incoming.headers }),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** A server that answers its name. */
async function serve(name: string): Promise<number> {
  const port = await freePort();
  const web = createServer((_, outgoing) => outgoing.end(name));
  webs.push(web);
  await new Promise<void>((resolve) => web.listen(port, "127.0.0.1", resolve));
  return port;
}

async function service(name: string, servers: readonly string[], changes: Partial<Service>) {
  const { check, ...rest } = nginx;
  const found = await Promise.all(
    servers.map(async (one) => ({ name: one, address: "127.0.0.1", port: await serve(one) })),
  );
  return {
    ...rest,
    name,
    mode: "http" as const,
    port: await freePort(),
    servers: found,
    ...changes,
  };
}

test("apps are told apart at the common port, redirected, kept to, and kept from those who may not", async () => {
  const http = await freePort();
  const shop = await service("shop", ["shop"], { hosts: ["a.example"], path: "/shop" });
  const all = await service("all", ["one", "two"], { hosts: ["a.example"], sticky: true });
  const safe = await service("safe", ["safe"], { hosts: ["b.example"], redirectToHttps: true });
  const closed = await service("closed", ["closed"], { allowed: ["192.0.2.0/24"] });
  const config: BalancerConfig = {
    bind: "127.0.0.1",
    statsPort: await freePort(),
    web: { http },
    services: [shop, all, safe, closed],
  };
  const ended = (how: string) => {
    throw new Error(how);
  };
  const haproxy = new Haproxy(dir, ended, "ignore");
  try {
    await haproxy.apply(renderConfig(config));
    const at = (host: string, path: string, more = {}) => get(http, path, { host, ...more });
    expect(await at("a.example", "/shop/1")).toMatchObject({ status: 200, text: "shop" });
    const first = await at("A.example:80", "/");
    const second = await at("a.example", "/");
    expect([first.text, second.text].sort()).toEqual(["one", "two"]);
    const [cookie = ""] = String(first.headers["set-cookie"]).split(";");
    expect(cookie).toBe(`marathon_lb_server=${first.text}`);
    for (let i = 0; i < 4; i++) {
      expect((await at("a.example", "/", { cookie })).text).toBe(first.text);
    }
    expect(await at("b.example", "/x")).toMatchObject({
      status: 301,
      headers: { location: "https://b.example/x" },
    });
    expect((await at("c.example", "/")).status).toBe(503);
    await expect(get(closed.port, "/", {})).rejects.toThrow("socket hang up");
    expect(await get(safe.port, "/", {})).toMatchObject({ status: 200, text: "safe" });
    expect((await get(config.statsPort, "/_haproxy_health_check", {})).status).toBe(200);
    expect((await get(config.statsPort, "/haproxy?stats;csv", {})).text).toContain("\nall,two,");
    await expect(haproxy.apply("frontend x\n  bind 127.0.0.1:1\n  mode nothing\n")).rejects.toThrow(
      "haproxy.cfg.new:3",
    );
    expect((await at("a.example", "/shop")).text).toBe("shop");
  } finally {
    await haproxy.stop();
  }
});
