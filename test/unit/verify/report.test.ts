import { createColors } from "picocolors";
import { checksOf } from "../../../verify/checks";
import { parseOutputs } from "../../../verify/outputs";
import { renderResults, renderTables } from "../../../verify/report";
import { select } from "../../../verify/run";
import { healthy, no, plan, pod } from "./fixture";

const results = (seen = healthy) =>
  checksOf(plan).map(({ judge, ...check }) => ({ ...check, ...judge(seen) }));

test("tables read like gobgp and ip route", () => {
  expect(renderTables({ results: results(), seen: healthy, exitCode: 0 }).join("\n")).toBe(
    `reflector: neighbours
Peer             AS   Up/Down  State   |#Received  Accepted
172.16.18.34  64511  00:01:05  Establ           1         1
172.16.18.43  64511  00:01:05  Establ           1         1

reflector: RIB
    Network            Next Hop      Age       Attrs
*>  192.168.7.0/26     172.16.18.34  00:00:05  LocalPref: 100
*>  192.168.130.64/26  172.16.18.43  00:00:05  LocalPref: 100

dcos/agent-1: routes to containers
192.168.7.0/26 via 172.16.18.34 dev eth0 proto bird
192.168.130.66 dev cali0123456789a

kubernetes/worker-1: routes to containers
192.168.7.2 dev cali0123456789a
192.168.130.64/26 via 172.16.18.43 dev eth0 proto bird

GET from dcos to kubernetes
seamless-probe.1 (192.168.130.66 on dcos/agent-1) -> http://192.168.7.2:8080/ (seamless-probe-a on kubernetes/worker-1)
{"server":"seamless-probe-a","client":"192.168.130.66"}

GET from kubernetes to dcos
seamless-probe-a (192.168.7.2 on kubernetes/worker-1) -> http://192.168.130.66:8080/ (seamless-probe.1 on dcos/agent-1)
{"server":"agent-1","client":"192.168.7.2"}
`,
  );
});

test("a GET by name is shown with the name", () => {
  const to = { coe: "dcos", host: "seamless-probe.marathon.mesos", port: 8080 };
  const answer = no("kubernetes: wget", "bad address");
  const seen = { ...healthy, nameFetches: { "kubernetes-to-dcos": { from: pod, to, answer } } };
  expect(renderTables({ results: results(), seen, exitCode: 0 }).slice(-4)).toEqual([
    "GET from kubernetes to dcos by name",
    "seamless-probe-a (192.168.7.2 on kubernetes/worker-1) -> http://seamless-probe.marathon.mesos:8080/",
    "bad address",
    "",
  ]);
});

test("one check is counted as one", () => {
  expect(renderResults(results().slice(0, 1)).at(-1)).toBe("1 check passed, 0 failed, 0 skipped");
});

test("a failure says what was asked of whom and what came back", () => {
  const seen = { ...healthy, rib: { reflector: no("reflector: gobgp -j global rib", "gone") } };
  const lines = renderResults(results(seen));
  const start = lines.findIndex((line) => line.startsWith("FAIL"));
  expect(lines.slice(start, start + 4)).toEqual([
    "FAIL rib/reflector: reflector holds only blocks that IPAM has given out, each from its own node",
    "       at        reflector",
    "       asked     reflector: gobgp -j global rib",
    "       found     gone",
  ]);
  expect(lines.at(-1)).toBe("38 checks passed, 5 failed, 0 skipped");
});

test("what does not pass says where it is, what was expected by whom, why, and what to do", () => {
  const check = { id: "fib/k/a", group: "fib", title: "k/a has every block" } as const;
  const said = {
    asked: "k/a: ip route",
    found: "no route to 192.168.7.0/26",
    expected: "192.168.7.0/26 via 172.16.18.34",
    source: "model",
    cause: "the session of k/a is down",
    remedy: "restart calico-node on k/a",
    at: "k/a",
  };
  const lines = renderResults([
    { ...check, ...said, status: "fail" },
    { ...check, status: "unknown", asked: "k/a: ip route", found: "timed out after 15000 ms" },
  ]);
  expect(lines).toEqual([
    "FAIL fib/k/a: k/a has every block",
    "       at        k/a",
    "       asked     k/a: ip route",
    "       found     no route to 192.168.7.0/26",
    "       expected  192.168.7.0/26 via 172.16.18.34",
    "       by        model",
    "       cause     the session of k/a is down",
    "       do        restart calico-node on k/a",
    "???? fib/k/a: k/a has every block",
    "       asked     k/a: ip route",
    "       found     timed out after 15000 ms",
    "",
    "0 checks passed, 1 failed, 0 skipped, 1 could not be asked",
  ]);
});

test.each([
  [["rib"], ["rib/reflector", "rib/origin/dcos/agent-1", "rib/origin/kubernetes/worker-1"]],
  [
    ["*/dcos/agent-1"],
    [
      "session/reflector/dcos/agent-1",
      "speaker/dcos/agent-1",
      "rib/origin/dcos/agent-1",
      "fib/dcos/agent-1",
      ...["routes", "forwarding", "firewall", "links"].map((what) => `kernel/dcos/agent-1/${what}`),
    ],
  ],
  [["http/dcos-to-kubernetes"], ["http/dcos-to-kubernetes"]],
  [["htt"], []],
])("--only %j", (only, expected) => {
  expect(select(checksOf(plan), only).map((check) => check.id)).toEqual(expected);
});

describe("stack outputs", () => {
  const outputs = { plan, access: { reflectors: {}, coes: {} }, probes: ["dcos"] };

  test("are read as they were written", () => {
    expect(parseOutputs(JSON.stringify(outputs), "file")).toEqual(outputs);
  });

  test.each([
    ["", "file: found no JSON; allowed: what `pulumi stack output --json --show-secrets` prints"],
    ["{}", "file: no outputs; the stack is not up. Run: pulumi up"],
    [
      JSON.stringify({ ...outputs, access: 1 }),
      "file: not the outputs of this program: access: Invalid input: expected object, received number",
    ],
  ])("%j are refused", (text, message) => {
    expect(() => parseOutputs(text, "file")).toThrow(message);
  });

  test("of a stack that is not up are refused with how it comes up", () => {
    expect(() => parseOutputs("{}", "stack prod")).toThrow(
      "stack prod: no outputs; the stack is not up. Run: pulumi up --stack prod",
    );
  });
});

test("colours mark the outcome and the headings when the caller asks for them", () => {
  const colours = createColors(true);
  const seen = { ...healthy, rib: { reflector: no("reflector: gobgp -j global rib", "gone") } };
  expect(renderResults(results(seen), colours)).toContain(
    `${colours.red("FAIL")} rib/reflector: reflector holds only blocks that IPAM has given out, each from its own node`,
  );
  const tables = renderTables({ results: results(), seen: healthy, exitCode: 0 }, colours);
  expect(tables[0]).toBe(colours.bold("reflector: neighbours"));
});
