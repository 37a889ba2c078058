/**
 * Lets programs of the machine reach the lab's APIs: listens on loopback and connects from within the lab's namespace.
 * Two processes, because a process is in one namespace: the outer one listens on TCP ports of the machine, the inner
 * one, started with nsenter, on sockets in a folder, which know no network namespace.
 *
 *     node forward.js outer <folder> <namespace file> <name>=<port>=<address:port>[,<address:port>...] ...
 *     node forward.js inner <folder> <name>=<address:port>[,<address:port>...] ...
 *
 * Of several addresses the first that takes a connection has it.
 *
 * etcd asks for no login and has a JSON gateway that takes a POST of any web page: a page in a browser of this machine could
 * change every policy of Calico. Its clients speak gRPC, which begins with the preface of HTTP/2; no page can send that
 * without TLS. So the outer process lets nothing else through to etcd.
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

function relay(targets: readonly NetConnectOpts[], guarded = false): Server {
  return createServer({ allowHalfOpen: true }, (from) => {
    from.on("error", () => from.destroy());
    if (guarded) grpcOnly(from, () => connect(from, targets));
    else connect(from, targets);
  });
}

/** What a connection of HTTP/2 without TLS begins with (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n");
const onlyGrpc = new Set(["etcd"]);
const refusal = "This forward takes gRPC only, for instance calicoctl's.\n";

/** Calls back with a connection that begins as gRPC does; answers any other as HTTP/1.1 and closes it. */
function grpcOnly(from: Socket, accept: () => void): void {
  let begun = Buffer.alloc(0);
  const look = (chunk: Buffer) => {
    begun = Buffer.concat([begun, chunk]);
    const length = Math.min(begun.length, preface.length);
    if (!begun.subarray(0, length).equals(preface.subarray(0, length))) {
      from.off("data", look);
      from.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: ${refusal.length}\r\nConnection: close\r\n\r\n${refusal}`,
      );
    } else if (length === preface.length) {
      from.off("data", look);
      from.pause();
      from.unshift(begun);
      accept();
    }
  };
  from.on("data", look);
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
    const server = relay(address.split(",").map(targetOf)).on("error", fail(path)).listen(path);
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
      relay([{ path: join(folder, `forward-${name}.sock`) }], onlyGrpc.has(name))
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
