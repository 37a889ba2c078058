import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLast, readLast } from "../../../verify/last";
import type { StackOutputs } from "../../../verify/outputs";
import { statusOf } from "../../../verify/status";
import { renderStatus } from "../../../verify/status-report";
import type { CheckResult, Observation } from "../../../verify/types";
import { healthy, neighbour, no, ok, path, plan, podBlock } from "./fixture";

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const minutes = (count: number) => now - count * 60_000;
const last = {
  "session/reflector/dcos/agent-1": { status: "fail", found: "Active", time: now },
  "session/reflector/kubernetes/worker-1": { status: "pass", found: "Established", time: now },
  "rib/reflector": { status: "pass", found: "2 blocks", time: now },
  "http/dcos-to-kubernetes": { status: "unknown", found: "timed out", time: minutes(7) },
  "http/kubernetes-to-dcos": { status: "skip", found: "no probe", time: minutes(190) },
} as const;

const oneDown: Observation = {
  ...healthy,
  neighbours: {
    reflector: ok("neighbor", [
      neighbour("172.16.18.34"),
      neighbour("172.16.18.43", { state: "Active" }),
    ]),
  },
  rib: {
    reflector: ok("rib", [
      path(podBlock, "172.16.18.34"),
      path("192.168.7.64/26", "172.16.18.34"),
      path("192.168.99.0/26", "172.16.18.34"),
      // Borrowed: no block of the node.
      path("192.168.8.1/32", "172.16.18.34"),
    ]),
  },
};

test("a stack on one screen, what is down first", () => {
  const lines = renderStatus(statusOf(plan, oneDown, last), now);
  const at = lines.findIndex((line) => line.startsWith("Layer"));
  expect(lines.slice(0, at).join("\n")).toBe(
    `Reflector  Kind   Address       Sessions  Prefixes
reflector  gobgp  172.16.18.32  1 of 2           4

COE         Kind        Nodes  Sessions  Blocks
dcos        dcos            2  0 of 1    0 of 512
kubernetes  kubernetes      1  1 of 1    3 of 512

Node                 Address       Sessions  Blocks
dcos/agent-1         172.16.18.43  0 of 1    none
kubernetes/worker-1  172.16.18.34  1 of 1    192.168.7.0/26, 192.168.7.64/26 and 1 more
`,
  );
  const layers = lines.slice(at).map((line) => line.replace(/ {2,}/g, "  "));
  expect(layers.filter((line) => /^(session|rib|fib|http)/.test(line))).toEqual([
    "session  1 of 3  now  session/reflector/dcos/agent-1: Active",
    "rib  1 of 3  now",
    "fib  0 of 2  never",
    "http  0 of 2, 1 skipped  3 h ago  http/dcos-to-kubernetes: timed out",
  ]);
});

test("of whom nothing is known, nothing is said", () => {
  const seen = { ...healthy, neighbours: { reflector: no("neighbor", "gone") }, rib: {} };
  const { reflectors, coes } = statusOf(plan, seen, {});
  expect(reflectors).toEqual([
    { name: "reflector", kind: "gobgp", address: "172.16.18.32", sessions: { planned: 2 } },
  ]);
  expect(coes.map(({ sessions }) => sessions)).toEqual([{ planned: 1 }, { planned: 1 }]);
  expect(renderStatus(statusOf(plan, seen, {}), now)[1]).toBe(
    "reflector  gobgp  172.16.18.32  ? of 2           ?",
  );
});

test("of many nodes ten are listed", () => {
  const status = statusOf(plan, healthy, {});
  const [node] = status.nodes;
  if (node === undefined) throw new Error("no node in the fixture");
  const many = (up: number) =>
    Array.from({ length: 60 }, () => ({ ...node, sessions: { up, planned: 1 } }));
  const lines = (nodes: typeof status.nodes) => renderStatus({ ...status, nodes }, now);
  expect(lines([...many(1), ...many(1)])).toContain("and 110 more, all up");
  expect(lines([...many(1), ...many(0)])).toContain("and 110 more, 50 of them not up");
  expect(lines([...many(1), ...many(0)]).length).toBeLessThan(40);
});

describe("last results", () => {
  const folder = mkdtempSync(join(tmpdir(), "seamless-last-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const outputs: StackOutputs = { plan, access: { reflectors: {}, coes: {} }, probes: [] };
  const result = (id: string, found: string): CheckResult => ({
    ...{ id, group: "fib", title: id, status: "pass", asked: "a", found },
  });

  test("stay until the check is asked again, for this plan at this place", async () => {
    await keepLast(folder, outputs, [result("a", "1"), result("b", "1")], 1);
    const all = await keepLast(folder, outputs, [result("b", "2")], 2);
    expect(all).toEqual({
      a: { status: "pass", found: "1", time: 1 },
      b: { status: "pass", found: "2", time: 2 },
    });
    expect(await readLast(folder, outputs)).toEqual(all);
    const other = { ...outputs, plan: { ...plan, asn: 64999 } };
    expect(await readLast(folder, other)).toEqual({});
    const elsewhere = {
      reflectors: { reflector: { via: "ssh", target: "ssh://a" } as const },
      coes: {},
    };
    expect(await readLast(folder, { ...outputs, access: elsewhere })).toEqual({});
  });

  test("are none where the file says nothing, and no loss where it cannot be written", async () => {
    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), "{");
    expect(await readLast(folder, outputs)).toEqual({});
    expect(
      await keepLast(
        join(folder, readdirSync(folder)[0] ?? "", "below"),
        outputs,
        [result("a", "1")],
        3,
      ),
    ).toEqual({
      a: { status: "pass", found: "1", time: 3 },
    });
  });
});
