/**
 * Lets programs of the machine reach the lab's APIs: listens on loopback and connects from within the lab's namespace.
 * Two processes, because a process is in one namespace: the outer one listens on TCP ports of the machine, the inner
 * one, started with nsenter, on sockets in a folder, which know no network namespace.
 *
 *     node forward.js outer <folder> <namespace file> <name>=<port>=<address:port>[,<address:port>...] ...
 *     node forward.js inner <folder> <name>=<address:port>[,<address:port>...] ...
 *
 * Of several addresses the first that takes a connection has it.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import {
  createConnection,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from "node:net";
import { join } from "node:path";
import { parseEndpoint } from "../../util/net";

function relay(...targets: readonly NetConnectOpts[]): Server {
  return createServer({ allowHalfOpen: true }, (from) => {
    from.on("error", () => from.destroy());
    connect(from, targets);
  });
}

function connect(from: Socket, [target, ...others]: readonly NetConnectOpts[]): void {
  if (target === undefined) {
    from.destroy();
    return;
  }
  const to = createConnection({ ...target, allowHalfOpen: true });
  const gone = () => to.destroy();
  const refused = () => {
    from.off("close", gone);
    connect(from, others);
  };
  from.once("close", gone);
  to.once("error", refused);
  to.once("connect", () => {
    to.off("error", refused);
    from.pipe(to);
    to.pipe(from);
    to.on("error", () => from.destroy());
    to.on("close", () => from.destroy());
  });
}

function fail(what: string) {
  return (error: Error) => {
    process.stderr.write(`${what}: ${error.message}\n`);
    process.exit(1);
  };
}

function targetOf(address: string): NetConnectOpts {
  const { address: host, port } = parseEndpoint(address) ?? { address: "" };
  return { host, port: port ?? 0 };
}

/** Listens on the sockets and says so by one line. */
async function inner(folder: string, targets: readonly string[]): Promise<void> {
  const listening = targets.map((target) => {
    const [name = "", address = ""] = target.split("=");
    const path = join(folder, `forward-${name}.sock`);
    rmSync(path, { force: true });
    const server = relay(...address.split(",").map(targetOf))
      .on("error", fail(path))
      .listen(path);
    return once(server, "listening");
  });
  await Promise.all(listening);
  process.stdout.write("listening\n");
  // The outer process holds the other end; without it there is nothing to do here.
  process.stdin.resume().on("end", () => process.exit(0));
}

function outer(folder: string, namespace: string, forwards: readonly string[]): void {
  const parts = forwards.map((one) => one.split("="));
  const argv = parts.map(([name, , address]) => `${name}=${address}`);
  const child = spawn(
    "nsenter",
    [`--net=${namespace}`, process.execPath, __filename, "inner", folder, ...argv],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  child.on("exit", () => process.exit(1));
  // Who can connect finds the other side there, too.
  child.stdout.once("data", () => {
    for (const [name = "", port = ""] of parts) {
      relay({ path: join(folder, `forward-${name}.sock`) })
        .on("error", fail(`127.0.0.1:${port}`))
        .listen(Number(port), "127.0.0.1");
    }
  });
  process.on("SIGTERM", () => {
    child.removeAllListeners("exit");
    child.kill("SIGTERM");
    process.exit(0);
  });
}

const [role, folder = "", ...rest] = process.argv.slice(2);
if (role === "inner") void inner(folder, rest);
else if (role === "outer") outer(folder, rest[0] ?? "", rest.slice(1));
