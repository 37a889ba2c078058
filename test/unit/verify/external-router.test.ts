import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import { isUp } from "../../../verify/ends";
import type { Observation, Verdict } from "../../../verify/types";
import { brief, healthy, neighbour, ok, path, plan } from "./fixture";

const router = plan.reflectors.reflector;

/** The plan of the fixture with a router that we do not run. */
function external(own: { readonly unread?: true }): Plan {
  if (router === undefined) throw new Error("no reflector in the fixture");
  return { ...plan, reflectors: { reflector: { ...router, dialect: "eos", ...own } } };
}

/** What the nodes and the COEs say, and nobody else. */
const { neighbours: _, rib: __, accepts: ___, ...others } = healthy;
const fromNodes: Observation = { ...others, neighbours: {}, rib: {}, accepts: {} };

function judge(id: string, seen: Observation, of: Plan): Verdict {
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return brief(check.judge(seen));
}

test("a router that nobody can ask is seen from the nodes, and what only it knows is not asked", () => {
  const unread = external({ unread: true });
  const skipped = {
    status: "skip",
    asked: "nobody",
    found: "nobody can ask reflector: the configuration has no reflectors.reflector.read",
  };
  for (const id of [
    "session/reflector/unplanned",
    "acceptance/reflector",
    "rib/reflector",
    "rib/origin/kubernetes/worker-1",
  ])
    expect([id, judge(id, fromNodes, unread)]).toEqual([id, skipped]);
  const id = "session/reflector/kubernetes/worker-1";
  expect(judge(id, fromNodes, unread)).toMatchObject({
    status: "pass",
    found: "Established, AS 64511, by the word of kubernetes/worker-1",
  });
  const speaker = fromNodes.speakers["kubernetes/worker-1"];
  if (speaker?.ok !== true) throw new Error("no speaker in the fixture");
  const sessions = speaker.value.sessions.map((one) => ({ ...one, state: "Active" as const }));
  const down = {
    ...fromNodes,
    speakers: {
      ...fromNodes.speakers,
      "kubernetes/worker-1": ok(speaker.asked, { ...speaker.value, sessions }),
    },
  };
  expect(judge(id, down, unread)).toMatchObject({
    status: "fail",
    found: "Active, by the word of kubernetes/worker-1",
  });
});

test("the status of a session with a router that nobody can ask is the node's word", () => {
  const unread = external({ unread: true });
  const session = plan.sessions["reflector/kubernetes/worker-1"];
  if (session === undefined) throw new Error("no session in the fixture");
  expect(isUp(unread, session, fromNodes)).toBe(true);
  expect(isUp(plan, session, fromNodes)).toBeUndefined();
});

test("nothing is asked of a router that nobody can ask", () => {
  const needs = checksOf(external({ unread: true })).flatMap((check) => check.needs);
  expect(needs.filter((need) => need.endsWith("/reflector"))).toEqual([]);
  expect(
    checksOf(plan)
      .flatMap((check) => check.needs)
      .filter((need) => need.endsWith("/reflector")).length,
  ).toBeGreaterThan(2);
});

test("neighbours and routes that are its owner's are no matter", () => {
  const neighbours = healthy.neighbours.reflector;
  const rib = healthy.rib.reflector;
  if (neighbours?.ok !== true || rib?.ok !== true) throw new Error("no answers in the fixture");
  const uplink = neighbour("10.255.0.1", { asn: 64_999 });
  const stranger = neighbour("172.16.18.99", { asn: 64_999 });
  const seen = (...more: readonly ReturnType<typeof neighbour>[]): Observation => ({
    ...healthy,
    neighbours: { reflector: ok("neighbours", [...neighbours.value, ...more]) },
    rib: { reflector: ok("rib", [...rib.value, path("0.0.0.0/0", "10.255.0.1")]) },
  });
  const own = external({});
  expect(judge("session/reflector/unplanned", seen(uplink), own).status).toBe("pass");
  expect(judge("session/reflector/unplanned", seen(uplink), plan).status).toBe("fail");
  expect(judge("session/reflector/unplanned", seen(stranger), own)).toMatchObject({
    status: "fail",
    found: "172.16.18.99 AS 64999 Established",
  });
  expect(judge("rib/reflector", seen(), own).status).toBe("pass");
  expect(judge("rib/reflector", seen(), plan).status).toBe("fail");
});

test("a router that we do not run may watch its neighbours, as its owner decides", () => {
  const accepts = healthy.accepts.reflector;
  if (accepts?.ok !== true) throw new Error("no answer in the fixture");
  const own = Object.entries(accepts.value.neighbours);
  const watching = own.map(([address, one]) => [address, { ...one, bfd: true as const }]);
  const value = { ...accepts.value, neighbours: Object.fromEntries(watching) };
  const seen = { ...healthy, accepts: { reflector: ok("accepts", value) } };
  expect(judge("acceptance/reflector", seen, external({})).status).toBe("pass");
  const [first] = own;
  expect(judge("acceptance/reflector", seen, plan)).toMatchObject({
    status: "fail",
    found: expect.stringContaining(`neighbour ${first?.[0]} has BFD`),
  });
});
