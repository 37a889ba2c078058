import type { SpeakerSession } from "../../../components/ask/router";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import { sessionStates } from "../../../report/live";
import { checksOf } from "../../../verify/checks";
import { liveSession } from "../../../verify/explain/links/session";
import { statusOf } from "../../../verify/status";
import { renderStatus } from "../../../verify/status-report";
import type { Observation } from "../../../verify/types";
import { modelled, planOf } from "../../helpers/shapes";
import { brief, healthy, ok } from "./fixture";

const mesh = planOf({ topology: "mesh", asns: "perCoe" });
if (typeof mesh === "string") throw new Error(mesh);
const plan = mesh;

const session = (address: string, asn: number, over: Partial<SpeakerSession> = {}) => ({
  ...{ name: `s-${address}`, address, asn, state: "Established" as const, uptimeSeconds: 60 },
  ...{ imported: [], exported: [] },
  ...over,
});
const [a1, a2, b1, b2] = ["172.16.18.11", "172.16.18.141", "172.16.18.12", "172.16.18.142"];
const own = (routerId: string, ...sessions: SpeakerSession[]) =>
  ok("birdcl", { routerId, sessions });
const seen: Observation = {
  ...healthy,
  ...{ neighbours: {}, rib: {} },
  speakers: {
    "one/a1": own(a1, session(a2, 64601), session(b1, 64602), session(b2, 64602)),
    "one/a2": own(a2, session(a1, 64601), session(b1, 64602), session(b2, 64602)),
    "two/b1": own(b1, session(a1, 64601), session(a2, 64601), session(b2, 64602)),
    "two/b2": own(b2, session(a1, 64601), session(a2, 64601), session(b1, 64602)),
  },
  blocks: {
    one: ok("ipam", [{ cidr: "192.168.0.0/26", owners: ["one/a1"], addresses: [] }]),
    two: ok("ipam", []),
  },
};
const broken: Observation = {
  ...seen,
  speakers: {
    ...seen.speakers,
    "two/b1": own(b1, session(a1, 64601, { state: "Active" }), session(b2, 64602)),
  },
};

const judge = (id: string, of: Observation) => {
  const check = checksOf(plan).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return brief(check.judge(of));
};

test("each session is judged by both nodes, and no reflector is asked", () => {
  const checks = checksOf(plan).filter(({ id }) => /^(session|speaker)\//.test(id));
  expect(checks.map(({ id }) => id)).toEqual([
    "session/one/a1--one/a2",
    "session/one/a1--two/b1",
    "session/one/a1--two/b2",
    "session/one/a2--two/b1",
    "session/one/a2--two/b2",
    "session/two/b1--two/b2",
    "speaker/one/a1",
    "speaker/one/a2",
    "speaker/two/b1",
    "speaker/two/b2",
  ]);
  expect(checks.flatMap(({ needs }) => needs).filter((need) => !/^speakers\//.test(need))).toEqual(
    [],
  );
  expect(checks.map(({ id }) => judge(id, seen).status)).toEqual(checks.map(() => "pass"));
});

test("an end that has it not up, and one that does not have it, are named", () => {
  expect(judge("session/one/a1--two/b1", broken)).toEqual({
    status: "fail",
    asked: "birdcl; birdcl",
    found: "at two/b1: Active",
  });
  expect(judge("session/one/a2--two/b1", broken).found).toBe(
    "at two/b1: no session with 172.16.18.141",
  );
  expect(judge("speaker/two/b1", broken).found).toBe(
    "s-172.16.18.11: 172.16.18.11 Active; no session with 172.16.18.141 (one/a2)",
  );
});

test("status counts sessions by what the nodes say, and blocks by IPAM", () => {
  const lines = renderStatus(statusOf(plan, broken, {}), 0);
  expect(lines.slice(0, lines.indexOf("", 4)).join("\n")).toBe(`COE  Kind  Nodes  Sessions  Blocks
one  dcos      2  3 of 5    1 of 512
two  dcos      2  3 of 5    0 of 512

Node    Address        Sessions  Blocks
one/a1  172.16.18.11   2 of 3    192.168.0.0/26
one/a2  172.16.18.141  2 of 3    none
two/b1  172.16.18.12   1 of 3    none
two/b2  172.16.18.142  3 of 3    none`);
  expect(sessionStates(plan, broken)).toMatchObject({
    "one/a1--one/a2": "up",
    "one/a1--two/b1": "down",
  });
});

test("explain says what both ends say of a session, and which of them is at fault", () => {
  const between = plan.sessions["one/a1--two/b1"];
  if (between === undefined) throw new Error("no such session");
  expect(liveSession(plan, between, seen)).toMatchObject({
    says: "Established at one/a1, Established at two/b1",
    status: "ok",
  });
  expect(liveSession(plan, between, broken)).toMatchObject({
    says: "Established at one/a1, Active at two/b1",
    status: "broken",
  });
});

test("a node that comes adds its sessions and resets nobody's", () => {
  const raw = (nodes: object) =>
    makePlan(
      parseConfig({
        network: { nodes: "192.0.2.0/24", asn: 64511, topology: "mesh" },
        coes: {
          k: {
            ...{ kind: "kubernetes", podCidr: "10.64.0.0/16", policy: "open" },
            ...{ access: { kubeconfig: "/k" }, nodes },
          },
        },
      }),
    );
  const before = { a: { address: "192.0.2.1" }, b: { address: "192.0.2.2" } };
  const { sessions, losses } = planChange(
    raw(before),
    raw({ ...before, c: { address: "192.0.2.3" } }),
  );
  expect(sessions).toEqual({
    added: [
      { session: "k/a--k/c", why: ["k/c is added"] },
      { session: "k/b--k/c", why: ["k/c is added"] },
    ],
    ...{ removed: [], reset: [], tuned: [], stay: 1 },
  });
  expect(losses).toEqual([]);
});

test("each node has the block of every other one by the model", () => {
  expect(Object.values(modelled(plan)).flatMap((paths) => Object.values(paths))).not.toContainEqual(
    [],
  );
});
