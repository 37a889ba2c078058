import { routerTraits } from "../../../../components/kinds/traits";
import type { Plan } from "../../../../plan/types";
import { endOf, plannedNames } from "../../../../verify/explain/ends";
import { explainLive, hostEnd, liveNames } from "../../../../verify/explain/live";
import { explainPlanned } from "../../../../verify/explain/planned";
import { renderExplanation } from "../../../../verify/explain/report";
import { sceneOf } from "../../../../verify/explain/scene";
import { type NameAnswers, parseAnswers } from "../../../../verify/seen/answers";
import { no, ok, planWith, pod, task } from "../fixture";
import { healthy } from "./seen";

/** Both COEs have names for the other. */
const plan = planWith({
  dcos: { names: { zones: ["mesos"], servers: ["172.16.18.42"] } },
  kubernetes: { names: { zones: ["cluster.local"], servers: ["192.168.7.10"] } },
});
const host = "web.marathon.mesos";
const own = "192.168.7.10:53";
const theirs = "172.16.18.42:53";

/** The first link of the way by a name, and what is wrong. */
function explain(answers: NameAnswers | string, of: Plan = plan): readonly string[] {
  const answer = typeof answers === "string" ? no("nslookup", answers) : ok("nslookup", answers);
  const seen = { ...healthy, answers: { [`kubernetes/${host}`]: answer } };
  const names = liveNames(of, seen);
  const from = endOf(of, names, "FROM", pod.name);
  const to = hostEnd(of, names, "TO", host, from.coe, seen);
  const told = renderExplanation(explainLive(sceneOf(of, routerTraits, seen), from, to));
  return [told[1] ?? "", told.slice(told.lastIndexOf("") + 1).join("\n")];
}

test("a name that both sides' servers have", () => {
  expect(explain({ [own]: [task.address], [theirs]: [task.address] })).toEqual([
    expect.stringMatching(
      /^ok {3}name +kubernetes +web\.marathon\.mesos: kubernetes forwards the zone mesos to 172\.16\.18\.42:53 of dcos; it is 192\.168\.130\.66$/,
    ),
    "the way is whole, there and back",
  ]);
});

test("a name that its own COE does not know has no way", () => {
  expect(explain({ [own]: [], [theirs]: [] })[1]).toBe(
    `
broken there at the name of dcos: 172.16.18.42:53 of dcos has no web.marathon.mesos
  why   dcos knows no such name, or its name servers do not answer
  mend  in dcos: see that web.marathon.mesos is there and that its name servers run`.trimStart(),
  );
});

test("a zone that the sender's name servers do not forward", () => {
  expect(explain({ [own]: [], [theirs]: [task.address] })[1]).toBe(
    `
broken there at the name of kubernetes: 192.168.7.10:53 of kubernetes has no web.marathon.mesos
  why   the name servers of dcos have it, and those of kubernetes do not ask them for mesos
  mend  pulumi up, which writes the forwards of the plan`.trimStart(),
  );
});

test("name servers that could not be asked", () => {
  expect(explain("no dig, nslookup or busybox on this node")[1]).toBe(
    `
not broken as far as was seen, but not all could be asked: name of kubernetes
  why   nslookup: no dig, nslookup or busybox on this node`.trimStart(),
  );
});

test("by the plan: whose zone it is, and who is asked", () => {
  const names = plannedNames(plan);
  const ends = [endOf(plan, names, "FROM", "kubernetes"), endOf(plan, names, "TO", host)] as const;
  const { verdict, ways } = explainPlanned(plan, routerTraits, ...ends);
  expect(verdict).toBe("whole");
  expect(ways[0]?.links[0]).toEqual({
    ...{ layer: "name", at: "kubernetes", status: "ok" },
    says: "web.marathon.mesos: kubernetes forwards the zone mesos to 172.16.18.42:53 of dcos",
  });
});

test.each<[string, string, readonly string[]]>([
  ["dig", "@@ 172.16.18.42:53\n192.168.130.66\n", ["192.168.130.66"]],
  ["dig, nothing", "@@ 172.16.18.42:53\n", []],
  [
    "busybox",
    "@@ 172.16.18.42:53\nServer:\t\t172.16.18.42\nAddress:\t172.16.18.42:53\n\nName:\tweb\nAddress: 192.168.130.66\n\n",
    ["192.168.130.66"],
  ],
  [
    "busybox, nothing",
    "@@ 172.16.18.42:53\nServer:\t\t172.16.18.42\nAddress:\t172.16.18.42:53\n\n** server can't find web: NXDOMAIN\n",
    [],
  ],
])("what %s prints", (_, text, addresses) => {
  expect(parseAnswers(text)).toEqual({ [theirs]: addresses });
});

describe("services by their names", () => {
  const announced = planWith({
    kubernetes: { serviceCidr: "10.96.0.0/16", announceServices: true },
  });
  const end = (of: Plan, word: string) => {
    const list = [{ name: "shop/web", addresses: ["10.96.0.20"] }];
    const seen = { ...healthy, named: { kubernetes: ok("kubernetes: services", list) } };
    return endOf(of, liveNames(of, seen), "TO", word);
  };

  test.each(["shop/web", "web", "kubernetes:shop/web", "10.96.0.20"])("%s", (word) => {
    expect(end(announced, word)).toEqual({
      ...{ asked: word, sort: "service", name: "shop/web", coe: "kubernetes" },
      ...{ address: "10.96.0.20", nodes: ["kubernetes/worker-1"] },
    });
  });

  test("no node leads to one that is not announced", () => {
    const silent = planWith({ kubernetes: { serviceCidr: "10.96.0.0/16" } });
    expect(end(silent, "web").nodes).toEqual([]);
  });
});
