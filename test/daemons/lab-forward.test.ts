import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { freePort } from "./dcos/ports";

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
}, 20_000);

afterAll(async () => {
  const gone = once(forward, "exit");
  // Without its outer process it ends.
  forward.stdin?.end();
  await gone;
  server.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const ask = (name: string) => text(createConnection(join(folder, `forward-${name}.sock`)));

test("a target that takes no connection is passed over", async () => {
  expect(await ask("second")).toBe("here");
}, 10_000);

test("where nobody takes the connection it is closed, and the next one is tried anew", async () => {
  expect(await ask("none")).toBe("");
  expect(await ask("second")).toBe("here");
}, 10_000);
