/** Downloads of releases from servers on this machine: honest ones, and all the others. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../../toolchain/build";
import { tools } from "../../../toolchain/catalogue";
import { downloadRelease, limitsFor } from "../../../toolchain/download";
import { DownloadError } from "../../../toolchain/http";
import type { ReleaseFile } from "../../../toolchain/releases";

type Answer = (request: IncomingMessage, response: ServerResponse, tries: number) => void;

const program = Buffer.alloc(300_000, "program ");
const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

let dir: string;
let server: Server;
let base: string;
let asked: string[];
let answers: Record<string, Answer>;
let said: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "seamless-download-"));
  asked = [];
  answers = {};
  said = [];
  server = createServer((request, response) => {
    const { url = "", headers } = request;
    asked.push(headers.range === undefined ? url : `${url} ${headers.range}`);
    const answer = answers[url];
    const tries = asked.filter((one) => one.split(" ")[0] === url).length;
    if (answer === undefined) response.writeHead(404).end("not found");
    else answer(request, response, tries);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  rmSync(dir, { recursive: true });
});

const gives =
  (data: Buffer | string): Answer =>
  (_, response) =>
    response.end(data);

/** A file of a program that is no archive. */
const plain = (more: Partial<ReleaseFile> = {}): ReleaseFile => ({
  url: `${base}/v1/prog`,
  sha256: sha256(program),
  programs: { prog: "prog" },
  ...more,
});

const limits = { connectMs: 1_000, quietMs: 400, totalMs: 8_000, mostBytes: 1_000_000 };

function get(files: readonly ReleaseFile[], own = {}): Promise<void> {
  const source = { kind: "upstream" } as const;
  const say = (line: string) => said.push(line);
  return downloadRelease(files, dir, source, { ...limits, ...own }, "1/1 tool", say);
}

/** That a release is refused with this message, and that nothing of it can be run. */
async function refuses(files: readonly ReleaseFile[], message: string, own = {}): Promise<void> {
  await expect(get(files, own)).rejects.toThrow(new DownloadError(message));
  expect(readdirSync(dir).filter((name) => !name.startsWith(".download-"))).toEqual([]);
}

function archive(name: string, text: string): Buffer {
  const folder = mkdtempSync(join(dir, ".pack-"));
  writeFileSync(join(folder, name), text);
  return execFileSync("tar", ["--create", "--gzip", "--file", "-", "-C", folder, "."]);
}

describe("a release", () => {
  test("is a program, or an archive with programs, and nothing else stays", async () => {
    const packed = archive("upstream-name", "#!/bin/sh\n");
    answers = { "/v1/prog": gives(program), "/v1/other.tar.gz": gives(packed) };
    const other = {
      url: `${base}/v1/other.tar.gz`,
      sha256: sha256(packed),
      programs: { other: "upstream-name" },
    };
    await get([plain(), other]);
    const names = readdirSync(dir).filter((name) => !name.startsWith(".pack-"));
    expect(names.sort()).toEqual(["other", "prog"]);
    expect(readFileSync(join(dir, "prog"))).toEqual(program);
    expect(readFileSync(join(dir, "other"), "utf8")).toBe("#!/bin/sh\n");
    for (const name of names) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o755);
  });

  test("is checked against upstream's list where no checksum is pinned", async () => {
    answers = {
      "/v1/prog": gives(program),
      "/v1/sums": gives(`${sha256(program)}  prog\n${"0".repeat(64)}  other\n`),
    };
    const { url, programs } = plain();
    await get([{ url, programs, sums: `${base}/v1/sums` }]);
    expect(asked).toEqual(["/v1/sums", "/v1/prog"]);
    expect(readFileSync(join(dir, "prog"))).toEqual(program);
  });

  test("may be somewhere else", async () => {
    answers = {
      "/v1/prog": (_, response) => response.writeHead(302, { location: "/there" }).end(),
      "/there": (_, response) => response.writeHead(307, { location: `${base}/here` }).end(),
      "/here": gives(program),
    };
    await get([plain()]);
    expect(asked).toEqual(["/v1/prog", "/there", "/here"]);
  });

  test("goes on where it broke off", async () => {
    answers["/v1/prog"] = ({ headers }, response, tries) => {
      if (tries === 1) {
        response.writeHead(200, { "content-length": program.length, etag: '"1"' });
        response.write(program.subarray(0, 100_000), () => response.destroy());
        return;
      }
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1]);
      response.writeHead(206, {
        "content-range": `bytes ${from}-${program.length - 1}/${program.length}`,
        "content-length": program.length - from,
        etag: '"1"',
      });
      response.end(program.subarray(from));
    };
    await get([plain()]);
    expect(readFileSync(join(dir, "prog"))).toEqual(program);
    expect(asked[1]).toMatch(/^\/v1\/prog bytes=\d+-/);
  });

  test("is asked for again when the server is busy", async () => {
    answers["/v1/prog"] = (_, response, tries) =>
      tries < 3 ? response.writeHead(503).end() : response.end(program);
    await get([plain()]);
    expect(asked).toHaveLength(3);
  });

  test("comes by the proxy that the environment names", async () => {
    const connects: string[] = [];
    server.on("connect", ({ url }, socket) => {
      connects.push(url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    process.env.https_proxy = base;
    try {
      const url = "https://releases.invalid/v1/prog";
      await expect(get([plain({ url })])).rejects.toThrow(DownloadError);
      expect(new Set(connects)).toEqual(new Set(["releases.invalid:443"]));
    } finally {
      delete process.env.https_proxy;
    }
  });
});

describe("a server", () => {
  test("that gives another file", async () => {
    const other = Buffer.from("#!/bin/sh\nrm -rf /\n");
    answers["/v1/prog"] = gives(other);
    await refuses(
      [plain()],
      `${base}/v1/prog is not what upstream published: SHA-256 ${sha256(other)}, published ${sha256(program)}`,
    );
  });

  test("that has no such file", async () => {
    await refuses([plain()], `${base}/v1/prog answers 404`);
    expect(asked).toHaveLength(1);
  });

  test("that stays busy", async () => {
    answers["/v1/prog"] = (_, response) => response.writeHead(503).end();
    await refuses([plain()], `${base}/v1/prog: it answers 503`);
    expect(asked).toHaveLength(4);
  }, 20_000);

  test("that breaks off every time", async () => {
    answers["/v1/prog"] = (_, response) => {
      response.writeHead(200, { "content-length": program.length });
      response.write(program.subarray(0, 1000), () => response.destroy());
    };
    await expect(get([plain()])).rejects.toThrow(DownloadError);
    expect(readdirSync(dir)).toEqual([".download-0"]);
  }, 20_000);

  test("that says nothing", async () => {
    answers["/v1/prog"] = () => undefined;
    await refuses([plain()], `${base}/v1/prog: no answer in time`);
  });

  test("that stops in the middle", async () => {
    answers["/v1/prog"] = (_, response) => {
      response.writeHead(200, { "content-length": program.length });
      response.write(program.subarray(0, 1000));
    };
    await expect(get([plain()])).rejects.toThrow(DownloadError);
  }, 20_000);

  test("that is so slow that building is quicker", async () => {
    answers["/v1/prog"] = (_, response) => {
      response.writeHead(200, { "content-length": program.length });
      const timer = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(timer));
    };
    await refuses([plain()], `${base}/v1/prog is not here after 1 s`, { totalMs: 1_000 });
  });

  test.each([
    ["and says so", { "content-length": 1_000_001 }],
    ["without a word", {}],
  ])("that sends too much %s", async (_, headers) => {
    answers["/v1/prog"] = (_request, response) => {
      response.writeHead(200, headers);
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(100_000), more);
      };
      more();
    };
    await refuses([plain()], `${base}/v1/prog sends more than 1000000 bytes`);
  });

  test("that leads to an address that can be read on the way", async () => {
    answers["/v1/prog"] = (_, response) =>
      response.writeHead(302, { location: "http://releases.example/prog" }).end();
    await refuses(
      [plain()],
      `${base}/v1/prog leads to http://releases.example/prog, which is not https`,
    );
  });

  test("that leads in circles", async () => {
    answers["/v1/prog"] = (_, response) => response.writeHead(302, { location: "/v1/prog" }).end();
    await refuses([plain()], `${base}/v1/prog redirects more than 5 times`);
  });

  test("that is not there is given up at once", async () => {
    const start = performance.now();
    await refuses(
      [plain({ url: "http://127.0.0.1:1/v1/prog" })],
      "http://127.0.0.1:1/v1/prog: nobody listens there",
    );
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test("whose list of checksums has not this file", async () => {
    answers = { "/v1/prog": gives(program), "/v1/sums": gives("<html>sign in</html>") };
    const { url, programs } = plain();
    await refuses(
      [{ url, programs, sums: `${base}/v1/sums` }],
      `${base}/v1/sums has no SHA-256 of ${base}/v1/prog`,
    );
    await expect(get([{ url, programs }])).rejects.toThrow();
  });

  test("whose archive has not the program in it", async () => {
    const packed = archive("something", "x");
    answers["/v1/a.tgz"] = gives(packed);
    const file = { url: `${base}/v1/a.tgz`, sha256: sha256(packed), programs: { prog: "prog" } };
    await expect(get([file])).rejects.toThrow(
      new DownloadError(`${base}/v1/a.tgz has no file prog in it`),
    );
  });
});

describe("a tool", () => {
  const pulumi = tools.find(({ name }) => name === "pulumi");
  const before = { ...process.env };
  afterEach(() => {
    for (const name of ["SEAMLESS_CACHE", "SEAMLESS_RELEASES"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test("is left to be built, and why is said, when a mirror has another file under its name", async () => {
    if (pulumi === undefined) throw new Error("no pulumi in the catalogue");
    process.env.SEAMLESS_CACHE = join(dir, "cache");
    process.env.SEAMLESS_RELEASES = `${base}/mirror`;
    const path =
      "/github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-v3.250.0-linux-x64.tar.gz";
    answers[`/mirror${path}`] = gives(archive("pulumi", "#!/bin/sh\necho v3.250.0\n"));
    const say = (line: string) => said.push(line);
    expect(await ensureTool(pulumi, "1/1", say, "download")).toEqual({ kind: "absent" });
    expect(asked).toEqual([`/mirror${path}`]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^1\/1 pulumi 3\.250\.0: not downloaded: .* is not what upstream published: SHA-256 [0-9a-f]{64}, published 8916fd36[0-9a-f]{56}; it is built instead, about \d+ min \d+ s$/,
    );
    expect(readdirSync(join(dir, "cache", "tools"))).toEqual(["pulumi.lock"]);
  });

  test("is not asked for where releases are off", async () => {
    if (pulumi === undefined) throw new Error("no pulumi in the catalogue");
    process.env.SEAMLESS_CACHE = join(dir, "cache");
    process.env.SEAMLESS_RELEASES = "off";
    const say = (line: string) => said.push(line);
    expect(await ensureTool(pulumi, "1/1", say, "download")).toEqual({ kind: "absent" });
    expect(said).toEqual([]);
  });

  test("has as long for a download as it takes to build", () => {
    expect(limitsFor({ cost: { goCacheMb: 1, resultMb: 1, seconds: 500 } })).toMatchObject({
      connectMs: 3_000,
      totalMs: 500_000,
    });
    expect(limitsFor({ cost: { goCacheMb: 1, resultMb: 1, seconds: 5 } }).totalMs).toBe(120_000);
  });
});
