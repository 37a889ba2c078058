import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWatch } from "../../../cli/internal/gate";
import type { Answer, Workload } from "../../../components/ask/types";
import type { KindProbe } from "../../../components/contract/probe";
import { waitFor } from "../../../util/wait";
import { gateChecks, refusalOf } from "../../../verify/gate";
import { counted, nothingSent, trafficReport } from "../../../verify/traffic/count";
import { parseKept, trafficPairs, watchTraffic } from "../../../verify/traffic/watch";
import { guarded, no, ok, plan, pod, silent, task, unasked } from "./fixture";

const all = (running: readonly Workload[]) => ({ running, asked: ["kubernetes", "dcos"] });

const folder = mkdtempSync(join(tmpdir(), "seamless-gate-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("sessions and traffic have to agree, and nothing that holds only once all is narrowed", () => {
  expect(gateChecks(plan).map(({ id }) => id)).toEqual([
    "session/reflector/dcos/agent-1",
    "session/reflector/kubernetes/worker-1",
    "http/dcos-to-kubernetes",
    "http/kubernetes-to-dcos",
  ]);
});

test("an update stops with every check that does not pass, and with the ways on and back", () => {
  const check = { group: "session", title: "", asked: "" } as const;
  const good = { ...check, id: "session/a", status: "pass", found: "Established" } as const;
  const bad = { ...check, id: "session/b", status: "fail", found: "Active" } as const;
  const away = { ...check, id: "session/c", status: "unknown", found: "timed out" } as const;
  expect(refusalOf([good])).toBeUndefined();
  expect(refusalOf([good, bad, away])).toBe(
    [
      "2 of 3 checks do not pass after the COEs have moved, so nothing was narrowed:",
      "session/b: Active",
      "session/c: could not be asked: timed out",
      "reflectors go on accepting the old and the new; mend it and run pulumi up again, or take the change back and run pulumi up",
    ].join("\n"),
  );
});

test("what is lost is told from what was not asked, with the time from the first to the last", () => {
  const answers: [Answer<string>, number][] = [
    [ok("curl", "{}"), 1_000],
    [silent("curl", "timed out"), 2_000],
    [unasked("curl", "no such container"), 3_000],
    [no("curl", "refused"), 4_500],
    [ok("curl", "{}"), 5_000],
  ];
  const pair = answers.reduce(
    (sum, [answer, now]) => counted(sum, answer, now),
    nothingSent(pod, task),
  );
  expect(trafficReport({ "kubernetes-to-dcos": pair }, all([pod, task]))).toEqual({
    "kubernetes-to-dcos": {
      ...{ from: pod.name, to: task.name, sent: 4, lost: 2, unasked: 1 },
      seconds: 2.5,
    },
  });
});

test("a container that is no longer there, or has another address, has moved", () => {
  const traffic = { a: nothingSent(pod, task) };
  const elsewhere = { ...task, address: "192.168.131.1" };
  for (const there of [[pod], [pod, elsewhere]])
    expect(trafficReport(traffic, all(there))).toMatchObject({ a: { moved: true } });
});

test("of a COE that could not be asked afterwards nobody says that its containers have moved", () => {
  const there = { running: [pod], asked: ["kubernetes"] };
  expect(trafficReport({ a: nothingSent(pod, task) }, there).a).not.toHaveProperty("moved");
  const nobody = { running: [], asked: ["kubernetes"] };
  expect(trafficReport({ a: nothingSent(pod, task) }, nobody)).toMatchObject({
    a: { moved: true },
  });
});

test("several containers of a COE are counted, each on a node of its own", () => {
  const on = (one: Workload, nth: number): Workload => ({
    ...one,
    ...{ name: `${one.name}-${nth}`, node: `${one.coe}/node-${nth}`, address: `10.0.0.${nth}` },
  });
  const running = [1, 2, 2, 3, 4].map((nth) => on(pod, nth));
  const found = trafficPairs(plan, [...running, on(task, 1), on(task, 2)]);
  const ends = Object.entries(found).map(([key, { from, to }]) => [key, from.node, to.node]);
  expect(ends).toEqual([
    ["dcos-to-kubernetes", "dcos/node-1", "kubernetes/node-1"],
    ["dcos-to-kubernetes/2", "dcos/node-2", "kubernetes/node-2"],
    ["dcos-to-kubernetes/3", "dcos/node-1", "kubernetes/node-3"],
    ["kubernetes-to-dcos", "kubernetes/node-1", "dcos/node-1"],
    ["kubernetes-to-dcos/2", "kubernetes/node-2", "dcos/node-2"],
    ["kubernetes-to-dcos/3", "kubernetes/node-3", "dcos/node-1"],
  ]);
});

/** Probes that answer, but for some GETs. */
function kindsThat(answer: (nth: number) => Answer<string>) {
  let asked = 0;
  const probe: Partial<KindProbe> = {
    workloads: async () => ok("workloads", [pod, task]),
    fetch: async () => answer(asked++),
  };
  const made = { probe: async () => ({ ...never, ...probe }) };
  return { kubernetes: made, dcos: made };
}

const nobody = () => Promise.reject(new Error("nobody asks that"));
const never: KindProbe = {
  host: undefined,
  ...{ workloads: nobody, fetch: nobody, containers: nobody, blocks: nobody, nodes: nobody },
  ...{ objects: nobody, left: nobody, besideSpeaker: nobody },
};
const access = { reflectors: {}, coes: { kubernetes: { nodes: {} }, dcos: { nodes: {} } } };
const outputs = { plan, access, probes: ["kubernetes"] };

test("GETs are counted until the gate has seen enough, and their files go", async () => {
  const file = join(folder, "counts.json");
  const kinds = kindsThat((nth) => (nth < 2 ? silent("curl", "timed out") : ok("curl", "{}")));
  const watching = watchTraffic(outputs, kinds, file);
  await waitFor({ what: "some GETs", timeoutMs: 20_000, intervalMs: 50 }, async () => {
    const seen = existsSync(file) ? readFileSync(file, "utf8") : "";
    const sent = seen === "" ? 0 : (parseKept(seen).traffic["dcos-to-kubernetes"]?.sent ?? 0);
    return sent >= 2 ? { done: true, value: undefined } : { done: false, seen };
  });
  const traffic = await endWatch(JSON.stringify({ file }));
  await watching;
  expect(Object.keys(traffic).sort()).toEqual(["dcos-to-kubernetes", "kubernetes-to-dcos"]);
  for (const { lost, sent } of Object.values(traffic)) {
    expect(lost).toBe(1);
    expect(sent).toBeGreaterThan(1);
  }
  expect([file, `${file}.stop`].filter(existsSync)).toEqual([]);
}, 30_000);

test("who is not let in is not asked", async () => {
  const file = join(folder, "closed.json");
  writeFileSync(`${file}.stop`, "");
  const kinds = kindsThat(() => ok("curl", "{}"));
  await watchTraffic({ ...outputs, plan: guarded("dcos") }, kinds, file);
  expect(parseKept(readFileSync(file, "utf8"))).toMatchObject({
    ended: true,
    traffic: { "dcos-to-kubernetes": { sent: 0 } },
  });
  expect(Object.keys(parseKept(readFileSync(file, "utf8")).traffic)).toHaveLength(1);
});

test("where nobody counts, nothing was sent", async () => {
  expect(await endWatch(undefined)).toEqual({});
  expect(await endWatch(JSON.stringify({ file: join(folder, "none") }))).toEqual({});
});
