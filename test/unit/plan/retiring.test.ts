import {
  makePlan,
  parseConfig,
  readStackConfig,
  renderPlan,
} from "../../../components/kinds/planning";
import { poolParts } from "../../../components/kubernetes/pool-parts";
import { emptyFindings, leavingPool } from "../../../components/speakers/calico/inspect/leaving";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { subnetTable } from "../../../plan";

const lab = readStackConfig("Pulumi.lab.yaml");
const [old, next] = ["192.168.0.0/18", "192.168.64.0/18"];

function planOf(changes: Readonly<Record<string, unknown>>) {
  const coes = { ...lab.coes, kubernetes: { ...lab.coes.kubernetes, ...changes } };
  return makePlan(parseConfig({ ...lab, coes }));
}

function coeOf(changes: Readonly<Record<string, unknown>>) {
  const { kubernetes } = planOf(changes).coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the plan");
  return kubernetes;
}

const moving = { podCidr: [old, next], retiring: [old] };

test("a range that retires is a disabled pool, and its blocks are accepted beside those of the next", () => {
  const plan = planOf(moving);
  const pools = Object.values(calicoObjects(calicoPlan(plan, "kubernetes")).pools);
  expect(pools.map(({ metadata, spec }) => [metadata.name, spec.disabled])).toEqual([
    ["192-168-0-0-18", true],
    ["192-168-64-0-18", undefined],
  ]);
  expect(plan.fences["kubernetes/worker-1"]?.prefixes).toEqual([
    { cidr: old, minLength: 26, maxLength: 26 },
    { cidr: old, minLength: 32, maxLength: 32 },
    { cidr: next, minLength: 26, maxLength: 26 },
    { cidr: next, minLength: 32, maxLength: 32 },
  ]);
  expect(calicoPlan(plan, "dcos").foreign.kubernetes).toEqual([old, next]);
});

test("its pool stays the same resource from before to after the move, and so does the next one's", () => {
  const resources = [[old], [old, next], [next]].map((ranges) =>
    poolParts(ranges).map(({ range, part, was }) => [range, part, was]),
  );
  expect(resources).toEqual([
    [[old, "pool", "pool-192-168-0-0-18"]],
    [
      [old, "pool-192-168-0-0-18", "pool"],
      [next, "pool-192-168-64-0-18", undefined],
    ],
    [[next, "pool", "pool-192-168-64-0-18"]],
  ]);
});

test("a plan that moves nothing has no word of it", () => {
  expect(JSON.stringify(planOf({}))).not.toContain("retiring");
  expect(subnetTable(planOf(moving)).kubernetes).toMatchObject({ retiring: [old] });
  expect(renderPlan(planOf(moving)).join("\n")).toContain(
    "192.168.0.0/18 (retiring), 192.168.64.0/18",
  );
});

test.each([
  [
    { podCidr: next, retiring: [old] },
    "coes.kubernetes.retiring: found 192.168.0.0/18; allowed: ranges of podCidr: 192.168.64.0/18",
  ],
  [
    { podCidr: old, retiring: [old] },
    "coes.kubernetes.retiring: found all ranges of podCidr; needed: one that containers move to, written in podCidr after 192.168.0.0/18",
  ],
])("%j is refused", (changes, message) => {
  expect(() => planOf(changes)).toThrow(message);
});

const pool = { name: "192-168-0-0-18", cidr: old, ours: undefined, allowedUses: ["Workload"] };
const blocks = [
  { cidr: "192.168.3.0/26", used: 2 },
  { cidr: "192.168.3.64/26", used: 0 },
  { cidr: "192.168.65.0/26", used: 7 },
];

test("to give up a range in use is refused with the steps", () => {
  expect(leavingPool(coeOf({ podCidr: next }), { blocks }, pool)).toEqual({
    id: "pool/192-168-0-0-18",
    level: "blocks",
    found:
      "192.168.0.0/18 of an earlier plan with 2 addresses in use; the plan says 192.168.64.0/18",
    effect: "its containers would keep addresses that the reflector refuses",
    advice:
      "plan podCidr: [192.168.0.0/18, 192.168.64.0/18] and retiring: [192.168.0.0/18]; restart its workloads; leave 192.168.0.0/18 out when none of its addresses is in use",
  });
  const wider = coeOf({ podCidr: "192.168.0.0/17" });
  expect(leavingPool(wider, { blocks }, pool)?.advice).toContain(
    "plan podCidr: [192.168.0.0/18, A RANGE THAT DOES NOT OVERLAP IT] and retiring",
  );
});

test("an empty pool may go, and so may one that is nobody's here", () => {
  const coe = coeOf({ podCidr: next });
  expect(leavingPool(coe, { blocks: blocks.slice(1) }, pool)).toBeUndefined();
  const other = { ...pool, name: "default-ipv4-ippool" };
  expect(leavingPool(coe, { blocks }, other)).toBeUndefined();
  expect(leavingPool(coe, { blocks }, { ...pool, ours: false })).toBeUndefined();
  const balancers = { ...pool, ours: true, allowedUses: ["LoadBalancer"] };
  expect(leavingPool(coe, { blocks }, balancers)).toBeUndefined();
  // One that the stack had adopted.
  expect(leavingPool(coe, { blocks }, { ...other, ours: true })?.level).toBe("blocks");
  expect(leavingPool(coeOf(moving), { blocks }, pool)).toBeUndefined();
});

test("an inspection says when a range that retires may be taken out", () => {
  const of = (found: typeof blocks) =>
    emptyFindings(coeOf(moving), { blocks: found }, pool).map((one) => [one.found, one.advice]);
  expect(of(blocks)).toEqual([
    ["192.168.0.0/18 is retiring, with 2 addresses in use", "restart its workloads"],
  ]);
  expect(of([])).toEqual([
    [
      "192.168.0.0/18 is retiring, with 0 addresses in use",
      "take it out of coes.kubernetes.podCidr and retiring",
    ],
  ]);
  const active = { ...pool, cidr: next };
  expect(emptyFindings(coeOf(moving), { blocks }, active)).toEqual([]);
});
