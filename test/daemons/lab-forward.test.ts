import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { waitFor } from "../../util/wait";
import { Etcd } from "../helpers/etcd";
import { freePort } from "../helpers/ports";

const program = resolve(__dirname, "..", "..", "dist", "lab", "machine", "forward.js");
const folder = mkdtempSync(join(tmpdir(), "seamless-forward-"));
let server: Server;
let forward: ChildProcess;

beforeAll(async () => {
  const [closed, open] = [await freePort(), await freePort()];
  server = createServer((socket) => socket.end("here")).listen(open, "127.0.0.1");
  await once(server, "listening");
  const targets = [
    `second=127.0.0.1:${closed},127.0.0.1:${open}`,
    `none=127.0.0.1:${closed},127.0.0.1:${closed}`,
  ];
  forward = spawn(process.execPath, [program, "inner", folder, ...targets], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (forward.stdout !== null) await once(forward.stdout, "data");
});

afterAll(async () => {
  const gone = once(forward, "exit");
  // Without its outer process it ends.
  forward.stdin?.end();
  await gone;
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (name: string) => text(createConnection(join(folder, `forward-${name}.sock`)));

test("a target that takes no connection is passed over", async () => {
  expect(await ask("second")).toBe("here");
});

test("where nobody takes the connection it is closed, and the next one is tried anew", async () => {
  expect(await ask("none")).toBe("");
  expect(await ask("second")).toBe("here");
});

describe("the forward to etcd", () => {
  const etcd = new Etcd();
  const own = mkdtempSync(join(tmpdir(), "seamless-forward-"));
  let outer: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    await etcd.up();
    port = await freePort();
    // The namespace is the one this is in.
    const argv = [own, "/proc/self/ns/net", `etcd=${port}=${new URL(etcd.endpoint).host}`];
    outer = spawn(process.execPath, [program, "outer", ...argv], { stdio: "inherit" });
    await waitFor({ what: "the forward", timeoutMs: 10_000, intervalMs: 50 }, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(String);
      return typeof answer === "string"
        ? { done: false, seen: answer }
        : { done: true, value: undefined };
    });
  });

  afterAll(async () => {
    const gone = once(outer, "exit");
    outer.kill("SIGTERM");
    await gone;
    await etcd.down();
    rmSync(own, { recursive: true, force: true });
  });

  test("a page of a browser cannot write, which etcd itself would let it", async () => {
    const base64 = (word: string) => Buffer.from(word).toString("base64");
    const write = (url: string) =>
      fetch(`${url}/v3/kv/put`, {
        method: "POST",
        headers: { Origin: "https://page.example.com", "Content-Type": "text/plain" },
        body: JSON.stringify({ key: base64("of a page"), value: base64("1") }),
      });
    const refused = await write(`http://127.0.0.1:${port}`);
    expect([refused.status, await refused.text()]).toEqual([
      403,
      "This forward takes gRPC only, for instance calicoctl's.\n",
    ]);
    expect((await write(etcd.endpoint)).status).toBe(200);
  });

  test("calicoctl comes through", async () => {
    const calicoctl = new Calicoctl([`http://127.0.0.1:${port}`]);
    expect(await calicoctl.unreachable()).toBeUndefined();
    const pool = { cidr: "192.168.0.0/24" };
    const object = { apiVersion: "projectcalico.org/v3", kind: "IPPool", metadata: { name: "a" } };
    await calicoctl.apply([{ ...object, spec: pool }]);
    expect(await calicoctl.get("IPPool/a")).toMatchObject({ spec: pool });
  });
});
