import fc from "fast-check";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import { poolParts } from "../../../components/kubernetes/pool-parts";
import { deadEnds } from "../../../plan/propagation";
import type { Plan } from "../../../plan/types";
import { formatPrefix, nthOf, overlap, prefix, prefixOf, within } from "../../../util/net";
import { unreplaced } from "../../helpers/sessions";

fc.configureGlobal({ numRuns: 40 });

type Named<T> = Readonly<Record<string, T>>;

interface RawNode {
  readonly address: string;
  readonly role?: string;
  readonly asn?: number;
}

interface RawCoe {
  readonly kind: string;
  readonly podCidr: string | readonly string[];
  readonly serviceCidr?: string;
  readonly policy: string;
  readonly access: object;
  readonly nodes: Named<RawNode>;
}

const access: Readonly<Record<string, object>> = {
  kubernetes: { kubeconfig: "~/.kube/config" },
  dcos: { url: "http://192.0.2.250", etcd: ["http://192.0.2.250:2379"] },
};
const roles: Readonly<Record<string, readonly (string | undefined)[]>> = {
  kubernetes: [undefined, "controller", "worker"],
  dcos: [undefined, "master", "private", "public"],
};

const letters = "abcdefghijklmnopqrstuvwxyz";
/** A DNS label of 2 to 7 characters; made of its parts, which takes a tenth of the time that a pattern does. */
const label = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...letters, ..."0123456789-"), maxLength: 5 }),
    fc.constantFrom(...letters, ..."0123456789"),
  )
  .map((parts) => parts.join(""));

const names = (count: { min: number; max: number }) =>
  fc.uniqueArray(label, {
    minLength: count.min,
    maxLength: count.max,
  });

/** COEs by name, each with its own /16 of the supernet; every host with its own address. */
const someCoes = names({ min: 1, max: 4 }).chain((coes) =>
  fc
    .tuple(
      ...coes.map(() => fc.tuple(fc.constantFrom("kubernetes", "dcos"), names({ min: 1, max: 5 }))),
    )
    .chain((kinds) => {
      const all = kinds.flatMap(([, nodes]) => nodes);
      return fc
        .array(fc.record({ role: fc.nat(3), external: fc.boolean() }), {
          minLength: all.length,
          maxLength: all.length,
        })
        .map((traits) => {
          let host = 1;
          return Object.fromEntries(
            coes.map((name, i): [string, RawCoe] => {
              const [kind = "kubernetes", nodes = []] = kinds[i] ?? [];
              const members = nodes.map((node): [string, RawNode] => {
                const trait = traits[host - 1];
                host += 1;
                const allowed = roles[kind] ?? [];
                const role = allowed[(trait?.role ?? 0) % allowed.length];
                return [
                  node,
                  {
                    address: `192.0.2.${host}`,
                    ...(role === undefined ? {} : { role }),
                    ...(trait?.external ? { asn: 64700 } : {}),
                  },
                ];
              });
              return [
                name,
                {
                  kind,
                  podCidr: `10.${64 + i}.0.0/16`,
                  policy: "open",
                  access: access[kind] ?? {},
                  nodes: Object.fromEntries(members),
                },
              ];
            }),
          );
        });
    }),
);

const planOf = (coes: Named<RawCoe>): Plan =>
  makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: 64512 },
      reflectors: {
        east: { kind: "gobgp", address: "192.0.2.251" },
        west: { kind: "gobgp", address: "192.0.2.252", asn: 64700 },
      },
      coes,
    }),
  );

const without = <T>(map: Named<T>, name: string): Named<T> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => key !== name));

/** Everything of the plan that is not about a COE, or a node of one. */
const others = (plan: Plan, owned: (id: string) => boolean) => ({
  ...plan,
  coes: Object.values(plan.coes).flatMap((coe) =>
    Object.values(coe.nodes)
      .filter((node) => !owned(node.id))
      .map((node) => ({ ...coe, nodes: node })),
  ),
  sessions: Object.values(plan.sessions).filter((session) => !owned(session.b.id)),
  fences: Object.values(plan.fences).filter((fence) => !owned(fence.node)),
});

test("ranges are inside the supernet and apart from each other", () => {
  fc.assert(
    fc.property(someCoes, (coes) => {
      const plan = planOf(coes);
      const ranges = Object.values(plan.coes).map((coe) => prefix(String(coe.podCidr)));
      for (const [i, range] of ranges.entries()) {
        expect(within(prefix(String(plan.supernet)), range)).toBe(true);
        expect(ranges.slice(i + 1).some((other) => overlap(range, other))).toBe(false);
      }
    }),
  );
});

test("two ranges that overlap are never planned", () => {
  const range = fc
    .tuple(fc.nat(2 ** 14 - 1), fc.integer({ min: 16, max: 23 }))
    .map(([step, length]) =>
      formatPrefix(prefixOf(nthOf(prefix("10.64.0.0/10"), step * 256), length)),
    );
  fc.assert(
    fc.property(range, range, (a, b) => {
      const coe = (podCidr: string, host: number): RawCoe => ({
        kind: "kubernetes",
        podCidr,
        policy: "open",
        access: access.kubernetes ?? {},
        nodes: { one: { address: `192.0.2.${host}` } },
      });
      const make = () => planOf({ a: coe(a, 1), b: coe(b, 2) });
      if (overlap(prefix(a), prefix(b))) expect(make).toThrow("overlaps");
      else expect(Object.keys(make().coes)).toEqual(["a", "b"]);
    }),
  );
});

test("every speaker has one session with each reflector, and one fence of its own COE's range", () => {
  fc.assert(
    fc.property(someCoes, (coes) => {
      const plan = planOf(coes);
      const speakers = Object.values(plan.coes).flatMap((coe) =>
        Object.values(coe.nodes).flatMap((node) => (node.speaker ? [{ coe, node }] : [])),
      );
      expect(Object.keys(plan.fences)).toEqual(speakers.map(({ node }) => node.id).sort());
      expect(Object.keys(plan.sessions)).toHaveLength(2 * speakers.length);
      for (const { coe, node } of speakers) {
        const allowed = plan.fences[node.id]?.prefixes.map((one) => one.cidr);
        expect([...new Set(allowed)]).toEqual([coe.podCidr]);
        for (const reflector of Object.values(plan.reflectors)) {
          const session = plan.sessions[`${reflector.name}/${node.id}`];
          const [hub, spoke] =
            reflector.asn === node.asn ? ["reflector", "client"] : ["peer", "peer"];
          expect([session?.a.role, session?.b.role]).toEqual([hub, spoke]);
        }
      }
    }),
  );
});

test("everybody gets everybody's routes, and would not but for the replaced AS", () => {
  fc.assert(
    fc.property(someCoes, (coes) => {
      const plan = planOf(coes);
      expect(deadEnds(plan, routerTraits)).toEqual([]);
      // 64700 is the AS of west, too: there its nodes are clients.
      const east = Object.entries(plan.sessions).flatMap(([name, session]) =>
        name.startsWith("east/") ? [[name, unreplaced(session)] as const] : [],
      );
      const foreign = east.filter(([, { b }]) => b.asn === 64700);
      const ends = deadEnds({ ...plan, sessions: Object.fromEntries(east) }, routerTraits);
      expect(ends.length > 0).toBe(foreign.length > 1);
    }),
  );
});

test("the order in which things are written does not matter, down to the last byte", () => {
  const reversed = <T>(map: Named<T>): Named<T> =>
    Object.fromEntries(Object.entries(map).reverse());
  fc.assert(
    fc.property(someCoes, (coes) => {
      const turned = Object.fromEntries(
        Object.entries(reversed(coes)).map(([name, coe]) => [
          name,
          { ...coe, nodes: reversed(coe.nodes) },
        ]),
      );
      expect(JSON.stringify(planOf(turned))).toBe(JSON.stringify(planOf(coes)));
    }),
  );
});

test("a COE that comes or goes changes no other record", () => {
  fc.assert(
    fc.property(someCoes, fc.nat(), (coes, pick) => {
      const all = Object.keys(coes);
      const name = all[pick % all.length] ?? "";
      const ofEngine = (id: string) => id.startsWith(`${name}/`);
      const none = () => false;
      expect(others(planOf(without(coes, name)), none)).toEqual(others(planOf(coes), ofEngine));
    }),
  );
});

test("a node that comes or goes changes no other record", () => {
  fc.assert(
    fc.property(someCoes, fc.nat(), (coes, pick) => {
      const ids = Object.entries(coes).flatMap(([name, coe]) =>
        Object.keys(coe.nodes).length < 2
          ? []
          : Object.keys(coe.nodes).map((node) => [name, node] as const),
      );
      fc.pre(ids.length > 0);
      const [name = "", node = ""] = ids[pick % ids.length] ?? [];
      const coe = coes[name];
      if (coe === undefined) throw new Error(`no ${name}`);
      const fewer = { ...coes, [name]: { ...coe, nodes: without(coe.nodes, node) } };
      const gone = (id: string) => id === `${name}/${node}`;
      expect(others(planOf(fewer), gone)).toEqual(others(planOf(coes), gone));
    }),
  );
});

/** Ranges of /20 apart from each other, in any order. */
const apart = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 8 });
const rangeOf = (index: number) => `10.${64 + Math.floor(index / 16)}.${(index % 16) * 16}.0/20`;
const withRanges = (podCidr: readonly string[], serviceCidr = "100.64.0.0/16") =>
  planOf({
    alpha: {
      kind: "kubernetes",
      podCidr,
      serviceCidr,
      policy: "open",
      access: { kubeconfig: "kubeconfig" },
      nodes: { one: { address: "192.0.2.2" } },
    },
  });

test("what a node may announce is its COE's ranges, all of them and no other, in whatever order", () => {
  fc.assert(
    fc.property(apart, (indices) => {
      const ranges = indices.map(rangeOf);
      const plan = withRanges(ranges);
      const prefixes = plan.fences["alpha/one"]?.prefixes.map((prefix) => prefix.cidr);
      const allowed = [...new Set(prefixes)];
      expect([...allowed].sort()).toEqual([...ranges].sort());
      expect(plan.coes.alpha?.blocks).toBe(64 * ranges.length);
      const turned = withRanges([...ranges].reverse());
      expect(turned.fences).toEqual(plan.fences);
    }),
  );
});

test("a pool keeps its resource when ranges come and go beside it, and no two have one name", () => {
  fc.assert(
    fc.property(apart, apart, (some, others) => {
      const [before, after] = [some, others].map((indices) => poolParts(indices.map(rangeOf)));
      for (const { range, part } of before ?? []) {
        const same = after?.find((one) => one.range === range);
        const single = [before, after].some((parts) => parts?.length === 1);
        if (same !== undefined && !single) expect(same.part).toBe(part);
        if (same !== undefined && before?.length === 1 && after?.[0] === same)
          expect([same.part, same.was]).toContain(part);
        if (same !== undefined && after?.length === 1)
          expect([same.part, same.was]).toContain(part);
      }
      const parts = after?.map(({ part }) => part) ?? [];
      expect(new Set(parts).size).toBe(parts.length);
    }),
  );
});

test("services that nobody announces are nobody else's affair", () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 24 }), fc.integer({ min: 12, max: 24 }), (one, two) => {
      const cluster = (net: number, length: number) => ({
        kind: "kubernetes",
        podCidr: `10.${net}.0.0/16`,
        serviceCidr: `172.16.0.0/${length}`,
        policy: "open",
        access: { kubeconfig: "kubeconfig" },
        nodes: { one: { address: `192.0.2.${net}` } },
      });
      const plan = planOf({ alpha: cluster(64, one), beta: cluster(65, two) });
      expect(Object.values(plan.coes).map(({ announced }) => announced)).toEqual([{}, {}]);
    }),
  );
});
