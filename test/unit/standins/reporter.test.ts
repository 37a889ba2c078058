import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Reporter } from "../../../standins/common/reporter";
import { waitFor } from "../../../util/wait";

/** Answers each report once it is told to. */
let answer: (status: number, body: string) => void = () => undefined;
let reports: string[] = [];
let server: Server;
let url = "";
let running: Reporter<unknown> | undefined;

beforeEach(async () => {
  reports = [];
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      answer = (status, body) => response.writeHead(status).end(body);
      reports.push(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/report`;
});

afterEach(() => {
  running?.stop();
  server.closeAllConnections();
  server.close();
});

function reporter() {
  const told: { said: string[]; obeyed: unknown[] } = { said: [], obeyed: [] };
  let changes = 0;
  const made = new Reporter<unknown>({
    ...{ at: "the server", url, everyMs: 60_000 },
    report: () => ({ changes: changes++ }),
    read(orders) {
      if (!Array.isArray(orders)) throw new Error("no orders");
      return orders;
    },
    obey: (orders) => told.obeyed.push(orders),
    log: (message) => told.said.push(message),
  });
  running = made;
  return { made, told };
}

const until = (what: string, seen: () => unknown, expected: unknown) =>
  waitFor({ what, timeoutMs: 5_000, intervalMs: 5 }, async () =>
    JSON.stringify(seen()) === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(seen()) },
  );

test("what changes while a report is under way is reported right behind it", async () => {
  const { made, told } = reporter();
  made.start();
  await until("a report", () => reports, ['{"changes":0}']);
  made.soon();
  made.soon();
  answer(200, "[1]");
  await until("another report", () => reports, ['{"changes":0}', '{"changes":1}']);
  answer(200, "[2]");
  await until("both orders", () => told.obeyed, [[1], [2]]);
  expect(told.said).toEqual(["registered at the server"]);
  made.soon();
  await until("a report at once", () => reports.length, 3);
});

test("whoever refuses is told of once, and not asked again at once", async () => {
  const { made, told } = reporter();
  made.start();
  await until("a report", () => reports.length, 1);
  made.soon();
  answer(503, "later");
  await until("the refusal", () => told.said, [`POST ${url}: HTTP 503: later`]);
  expect(reports).toHaveLength(1);
  made.soon();
  await until("a report", () => reports.length, 2);
  answer(200, "[]");
  await until("orders", () => told.obeyed, [[]]);
  expect(told.said).toEqual([`POST ${url}: HTTP 503: later`, "registered at the server"]);
});

test("orders that come after the stop are not obeyed", async () => {
  const { made, told } = reporter();
  made.start();
  await until("a report", () => reports.length, 1);
  made.stop();
  answer(200, "[1]");
  await until("the answer", () => told.said, ["registered at the server"]);
  expect(told.obeyed).toEqual([]);
});
