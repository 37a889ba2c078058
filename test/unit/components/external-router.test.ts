import type { RouterState } from "../../../components/ask/router";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import { parseBird } from "../../../components/reflector/bird/conf";
import { jsonAsk } from "../../../components/reflector/external/json";
import { lookAtRouter } from "../../../components/reflector/external/look";
import { missingAt } from "../../../components/reflector/external/needed";
import { renderExternal } from "../../../components/reflector/external/render";
import { acceptedIn, roleOf } from "../../../components/reflector/frr/file";
import { parseFrrText } from "../../../components/reflector/frr/text";
import { renderChange } from "../../../plan/change/render";
import type { Plan, ReflectorPlan } from "../../../plan/types";

const router = "172.16.18.32";

function planOf(
  dialect: string,
  nodes: Readonly<Record<string, object>>,
  podCidr = "192.168.0.0/17",
): Plan {
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { tor: { kind: "external", dialect, address: router } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr,
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes,
        },
      },
    }),
  );
}

const one = { one: { address: "172.16.18.34" } };
const both = { ...one, two: { address: "172.16.18.35", asn: 64_600 } };

function torOf(plan: Plan): ReflectorPlan {
  const { tor } = plan.reflectors;
  if (tor === undefined) throw new Error("no router in the plan");
  return tor;
}

/** What an FRR with this text says of itself. */
function frrState(text: string): RouterState {
  const all = parseFrrText(text);
  const neighbors = [...all.neighbors.keys()].map((address) => [
    address,
    { ...roleOf(all, address), established: true },
  ]);
  return { neighbors: Object.fromEntries(neighbors), accepted: acceptedIn(all), fence: [] };
}

test.each(["frr", "bird"])(
  "a router of dialect %s with the rendered text has all that the plan needs",
  (dialect) => {
    const plan = planOf(dialect, both);
    const text = renderExternal(plan, torOf(plan));
    const state =
      dialect === "frr" ? frrState(text) : { ...parseBird(text.replace(/^# tor.*\n/, "")) };
    const neighbors = Object.fromEntries(
      Object.entries(state.neighbors).map(([address, has]) => [
        address,
        { ...has, established: true },
      ]),
    );
    expect(missingAt(plan, torOf(plan), { ...state, neighbors })).toEqual([]);
  },
);

test("what a router has not is named; what it has beside is its owner's", () => {
  const [before, after] = [planOf("frr", one), planOf("frr", both, "192.168.128.0/17")];
  const state = frrState(renderExternal(before, torOf(before)));
  expect(missingAt(after, torOf(after), state)).toEqual([
    "not accepted from 172.16.18.34/32: 192.168.128.0/17 26..26 by 172.16.18.34",
    "not accepted from 172.16.18.34/32: 192.168.128.0/17 32..32 by 172.16.18.34",
    "neighbour 172.16.18.35 is missing",
  ]);
  const wide = frrState(renderExternal(after, torOf(after)));
  const less = planOf("frr", one, "192.168.128.0/18");
  expect(missingAt(less, torOf(less), wide)).toEqual([]);
});

test("the look tells of a router that nobody can ask, and of a program that does not answer", async () => {
  const plan = planOf("eos", one);
  expect(await lookAtRouter({ plan, reflector: "tor" })).toBe(
    "tor: nobody asks it (reflectors.tor.read); before the COEs move, apply what `bin/seamless render external` prints to it",
  );
  const read = { program: "json", argv: ["false"] };
  await expect(lookAtRouter({ plan, reflector: "tor", read })).rejects.toThrow(
    "tor does not answer; nothing was changed: false: exit code 1",
  );
});

/** A program that prints as docs/external-router.md has it. */
const program = (accepts: readonly object[]) => [
  process.execPath,
  "-e",
  `process.stdout.write(JSON.stringify(${JSON.stringify({
    neighbours: [
      {
        address: "172.16.18.34",
        asn: 64511,
        state: "Established",
        uptimeSeconds: 9,
        received: 2,
        accepted: 1,
        clusterId: router,
      },
    ],
    rib: [
      {
        prefix: "192.168.0.0/26",
        nextHop: "172.16.18.34",
        peer: "172.16.18.34",
        best: true,
        ageSeconds: 3,
      },
    ],
    accepts,
  })}[process.argv.at(-1)]))`,
];

test("a program of the user's is asked with one word, and what it prints is judged", async () => {
  const plan = planOf("eos", one);
  const range = {
    from: "172.16.18.34",
    prefix: "192.168.0.0/17",
    minLength: 26,
    maxLength: 32,
    nextHop: "172.16.18.34",
  };
  const look = (accepts: readonly object[]) =>
    lookAtRouter({ plan, reflector: "tor", read: { program: "json", argv: program(accepts) } });
  expect(await look([range])).toBe("tor: has all that the plan needs, with 1 neighbours");
  await expect(look([{ ...range, minLength: 27 }])).rejects.toThrow(
    "tor is not as the plan needs it; nothing was changed: not accepted from 172.16.18.34/32: 192.168.0.0/17 26..26 by 172.16.18.34; apply what `bin/seamless render external` prints to it, and run pulumi up again",
  );
  const { neighbours, rib } = jsonAsk.tables;
  expect(() => neighbours.parse('[{"address":"10.0.0.1"}]', 0)).toThrow();
  expect(rib.parse("[]", 0)).toEqual([]);
});

test("a preview says that its owner has to be first", () => {
  const lines = renderChange(planChange(planOf("eos", one), planOf("eos", both)));
  expect(lines).toContain(
    "  ! tor is reconfigured: its owner applies what `bin/seamless render external` prints, before the update",
  );
});
