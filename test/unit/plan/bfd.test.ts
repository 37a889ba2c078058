import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import { renderChange } from "../../../plan/change";

interface Setup {
  readonly bfd?: boolean;
  readonly topology?: "mesh";
  readonly far?: string;
  readonly others?: object;
  readonly ttlSecurity?: boolean;
}

/** Reflectors of two kinds, hosts with BIRD 2 of which one may be on another network, and COEs with every other speaker. */
const planOf = ({ bfd, topology, far = "10.1.2.12", others = {}, ttlSecurity }: Setup) =>
  makePlan(
    parseConfig({
      network: {
        ...{ supernet: "10.64.0.0/12", nodes: ["10.1.1.0/24", "10.1.2.0/24"], asn: 64512 },
        ...(bfd === undefined ? {} : { bfd }),
        ...(topology === undefined ? {} : { topology }),
        ...(ttlSecurity === undefined ? {} : { ttlSecurity }),
      },
      reflectors:
        topology === undefined
          ? {
              birds: { kind: "bird", address: "10.1.1.1" },
              go: { kind: "gobgp", address: "10.1.1.2" },
            }
          : {},
      coes: {
        plain: {
          ...{ kind: "hosts", podCidr: "10.65.0.0/16", policy: "open" },
          access: { ssh: { user: "root" } },
          nodes: {
            near: { address: "10.1.1.11", podCidr: "10.65.1.0/24" },
            far: { address: far, podCidr: "10.65.2.0/24" },
          },
        },
        k: {
          ...{ kind: "kubernetes", podCidr: "10.66.0.0/16", policy: "open" },
          access: { kubeconfig: "/nowhere" },
          nodes: { node: { address: "10.1.1.21" } },
        },
        ...others,
      },
    }),
  );

const watched = (setup: Setup) =>
  Object.values(planOf(setup).sessions).flatMap(({ name, bfd }) =>
    bfd === undefined ? [] : [`${name} ${bfd.interval} x ${bfd.multiplier}`],
  );

test("both ends watch each other where both can, on one segment", () => {
  expect(watched({ bfd: true })).toEqual(["birds/plain/near 300 x 3"]);
  expect(watched({ bfd: true, far: "10.1.1.12" })).toEqual([
    "birds/plain/far 300 x 3",
    "birds/plain/near 300 x 3",
  ]);
});

test.each([
  ["hosts", "frr", { access: { ssh: {} } }],
  ["kubernetes", "frr-k8s", { access: { kubeconfig: "/nowhere" } }],
  ["openshift", "frr-k8s", { access: { kubeconfig: "/nowhere" } }],
])("nodes of kind %s with %s are watched like those with BIRD 2", (kind, speaker, access) => {
  const node = { address: "10.1.1.31", podCidr: "10.67.0.0/23" };
  const coe = { kind, speaker, policy: "open", podCidr: "10.67.0.0/16", nodes: { node } };
  const setup = { bfd: true, others: { other: { ...coe, ...access } } };
  expect(watched(setup)).toEqual(["birds/other/node 300 x 3", "birds/plain/near 300 x 3"]);
});

test("FRR does not watch a neighbour in another AS where the session has TTL security", () => {
  const node = { address: "10.1.1.31", podCidr: "10.67.0.0/23" };
  const coe = { kind: "hosts", policy: "open", podCidr: "10.67.0.0/16", nodes: { node } };
  const other = { ...coe, access: { ssh: {} }, asn: 64600 };
  const names = (own: object, ttlSecurity: boolean) =>
    watched({ bfd: true, ttlSecurity, others: { other: { ...other, ...own } } });
  const [own, both] = ["birds/plain/near 300 x 3", "birds/other/node 300 x 3"];
  expect(names({ speaker: "frr" }, true)).toEqual([own]);
  expect(names({ speaker: "frr" }, false)).toEqual([both, own]);
  expect(names({ speaker: "frr", asn: 64512 }, true)).toEqual([both, own]);
  expect(names({}, true)).toEqual([both, own]);
});

test("nodes of a mesh watch each other, but for those whose speaker does not", () => {
  const names = watched({ bfd: true, topology: "mesh", far: "10.1.1.12" });
  expect(names).toEqual(["plain/far--plain/near 300 x 3"]);
});

test("what is not asked for is not in the plan", () => {
  expect(watched({})).toEqual([]);
  expect(planOf({ bfd: false })).toEqual(planOf({}));
});

test("a preview says what is reset for it", () => {
  const lines = renderChange(planChange(planOf({}), planOf({ bfd: true })));
  expect(lines.filter((line) => line.includes("BFD"))).toEqual([
    "  ! 1 session birds/plain/near: reset: both ends: BFD none -> 3 x 300 ms",
  ]);
});
