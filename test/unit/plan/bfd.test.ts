import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import { renderChange } from "../../../plan/change";

interface Setup {
  readonly bfd?: boolean;
  readonly topology?: "mesh";
  readonly far?: string;
}

/** Reflectors of two kinds, hosts with BIRD 2 of which one may be on another network, and Kubernetes with Calico. */
const planOf = ({ bfd, topology, far = "10.1.2.12" }: Setup) =>
  makePlan(
    parseConfig({
      network: {
        ...{ supernet: "10.64.0.0/12", nodes: ["10.1.1.0/24", "10.1.2.0/24"], asn: 64512 },
        ...(bfd === undefined ? {} : { bfd }),
        ...(topology === undefined ? {} : { topology }),
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
