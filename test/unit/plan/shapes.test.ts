import { isInternal } from "../../../plan/sessions";
import {
  addresses,
  allNodes,
  modelled,
  nameOf,
  planOf,
  type Shape,
  shapes,
  withoutOwnRoutesOnly,
} from "../../helpers/shapes";

/** By topology and AS scheme: sessions inside an AS, between two, and how many of them the COEs' own meshes make. */
const table = {
  "reflectors shared": [4, 0, 0],
  "reflectors perCoe": [0, 4, 0],
  "reflectors perRack": [0, 4, 0],
  "reflectors perServer": [0, 4, 0],
  "mesh shared": [6, 0, 2],
  "mesh perCoe": [2, 4, 2],
  "mesh perRack": [2, 4, 0],
  "mesh perServer": [0, 6, 0],
} satisfies Record<`${Shape["topology"]} ${Shape["asns"]}`, readonly number[]>;

test.each(shapes.map((shape) => [nameOf(shape), shape] as const))(
  "%s: every node has the route of every other one, and by nobody else",
  (_, shape) => {
    const plan = planOf(shape);
    if (typeof plan === "string") throw new Error(plan);
    const sessions = Object.values(plan.sessions);
    const counts = [
      sessions.filter(isInternal).length,
      sessions.filter((one) => !isInternal(one)).length,
      sessions.filter(({ ownMesh }) => ownMesh === true).length,
    ];
    expect(counts).toEqual(
      Object.entries(table).find(([key]) => nameOf(shape).startsWith(key))?.[1],
    );
    const paths = modelled(plan);
    const nextHops = allNodes.map((to) => [
      to,
      Object.entries(paths[to] ?? {}).map(([from, [best]]) => [from, best?.nextHop]),
    ]);
    expect(nextHops).toEqual(
      allNodes.map((to) => [
        to,
        allNodes.filter((from) => from !== to).map((from) => [from, addresses[from]]),
      ]),
    );
  },
);

test.each(shapes.map((shape) => [nameOf(shape), shape] as const))(
  "%s: no second path is as good as the best one, so that kernels send to one next hop",
  (_, shape) => {
    const plan = planOf(shape);
    if (typeof plan === "string") throw new Error(plan);
    // What BIRD puts into one route of the kernel (`merge paths on`).
    const merged = Object.values(modelled(plan))
      .flatMap((byFrom) => Object.values(byFrom))
      .flatMap(([best, ...others]) =>
        others.filter(
          ({ nextHop, localPref, asPath, learned }) =>
            nextHop !== best?.nextHop &&
            localPref === best?.localPref &&
            asPath.length === best.asPath.length &&
            learned?.external === best.learned?.external,
        ),
      );
    expect(merged).toEqual([]);
  },
);

test("a node that passed on what it learns would have packets to its neighbours come by it", () => {
  const plan = planOf({ topology: "mesh", asns: "perCoe" });
  if (typeof plan === "string") throw new Error(plan);
  const paths = modelled(withoutOwnRoutesOnly(plan)).b1?.a1 ?? [];
  expect(paths.map(({ asPath, nextHop }) => [asPath, nextHop])).toEqual([
    [[64601], addresses.a1],
    [[64601], addresses.a2],
    [[64601], addresses.a1],
  ]);
});
