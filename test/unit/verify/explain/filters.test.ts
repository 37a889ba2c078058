import type { ObjectFault } from "../../../../components/ask/types";
import type { Plan } from "../../../../plan/types";
import type { Observation } from "../../../../verify/types";
import { plan } from "../fixture";
import { explain, healthy, unlearned, verdict, withFault, withSpeaker, worker } from "./seen";

/* Nodes that filter what reflectors send them. */
const filtering: Plan = {
  ...plan,
  nodeAcceptance: [{ cidr: "192.168.0.0/16", minLength: 26, maxLength: 32 }],
};
const peer = (change: Partial<ObjectFault>): ObjectFault => ({
  ...{ group: "peers", object: "BGPPeer 172-16-18-32", found: "filters none" },
  ...{ expected: "filters seamless-accepted", effect: "BGPFilter seamless-accepted is idle" },
  ...{ remedy: "put back", filters: "idle", ...change },
});

/** What each of the two nodes takes. */
const taken = (seen: Observation, of = filtering) =>
  explain(seen, undefined, undefined, of).ways.flatMap(({ links }) =>
    links
      .filter(({ layer, at }) => layer === "acceptance" && at.includes("/"))
      .map(({ at, status, says }) => `${status} ${at}: ${says}`),
  );

test("a plan without filters at nodes says nothing of them", () => {
  expect(taken(healthy, plan)).toEqual([]);
});

test("filters that are in force", () => {
  expect(taken(healthy)).toEqual([
    "ok kubernetes/worker-1: from reflector: what the plan announces",
    "ok dcos/agent-1: from reflector: what the plan announces",
  ]);
});

test("a filter that no peer names is told, and breaks no way", () => {
  const seen = withFault(healthy, "kubernetes", peer({}));
  expect(taken(seen)).toEqual([
    "ok kubernetes/worker-1: from reflector: whatever it sends: BGPPeer 172-16-18-32: filters none",
    "ok dcos/agent-1: from reflector: what the plan announces",
  ]);
  expect(explain(seen, undefined, undefined, filtering).verdict).toBe("whole");
});

test("a peer of another node alone is no matter of this one", () => {
  const { kubernetes } = filtering.coes;
  const one = kubernetes?.nodes["worker-1"];
  if (kubernetes === undefined || one === undefined) throw new Error("no worker-1 in the fixture");
  const other = { ...one, name: "worker-2", id: "kubernetes/worker-2", address: "172.16.18.35" };
  const nodes = { ...kubernetes.nodes, "worker-2": other };
  const of = { ...filtering, coes: { ...filtering.coes, kubernetes: { ...kubernetes, nodes } } };
  const own = "ok kubernetes/worker-1: from reflector:";
  for (const object of ["BGPPeer 172-16-18-32.", "FRR on "]) {
    const seen = (node: string) =>
      withFault(healthy, "kubernetes", peer({ object: `${object}${node}` }));
    expect([taken(seen("worker-2"), of)[0], taken(seen("worker-1"), of)[0]]).toEqual([
      `${own} what the plan announces`,
      `${own} whatever it sends: ${object}worker-1: filters none`,
    ]);
  }
});

test("filters keep no session down", () => {
  const seen = withSpeaker(
    withFault(healthy, "kubernetes", peer({ filters: "others" })),
    worker.id,
    { state: "Active" },
  );
  expect(verdict(seen, undefined, undefined, filtering)).not.toContain("BGPPeer");
});

test("another filter is the cause where the node lacks the route", () => {
  const fault = peer({
    object: "BGPFilter seamless-accepted",
    found: "importV4 []",
    filters: "others",
  });
  const seen = withFault(unlearned, "kubernetes", fault);
  const said = "from reflector: not what the plan says: BGPFilter seamless-accepted: importV4 []";
  expect(taken(seen)[0]).toBe(`ok kubernetes/worker-1: ${said}`);
  const without = withSpeaker(seen, worker.id, { imported: [] });
  expect(verdict(without, undefined, undefined, filtering)).toBe(
    `
broken there at the acceptance of kubernetes/worker-1: ${said}
  why   BGPFilter seamless-accepted is idle; kubernetes/worker-1 has no 192.168.130.64/26
  so    fib of kubernetes/worker-1
  mend  put back`.trimStart(),
  );
});
