import { familyOf, isPrefix, parsePrefix } from "../util/net";
import { listOf } from "../util/ranges";
import type { CoeDraft, Draft } from "./draft";
import { type Addressed, families, familiesOf, hostAddress } from "./family";
import { ipv6Space } from "./ipv6";
import { type CoeKinds, kindOf, type ServiceRangeName, speaks } from "./kind";
import type { Path, Problem } from "./problems";
import { isIn } from "./racks";
import { aCoe } from "./words";

const serviceRanges: readonly ServiceRangeName[] = [
  "serviceCidr",
  "loadBalancerCidr",
  "externalCidr",
];

/** A family is there whole: ranges, addresses of the nodes that lead to them, and a reflector that has one, too. */
export function* familyProblems(config: Draft, kinds: CoeKinds): Iterable<Problem> {
  for (const [name, coe] of Object.entries(config.coes)) {
    const path = ["coes", name];
    yield* refusedByKind(path, coe, kinds);
    for (const [node, addresses] of Object.entries(coe.nodes)) {
      const at = [...path, "nodes", node];
      yield* writtenTwice(at, addresses);
      const speaker = speaks(kindOf(kinds, coe.kind), addresses);
      yield* nextHops(at, addresses, `coes.${name}`, coe, speaker);
    }
    yield* services(path, coe);
    yield* blocks([...path, "blockSize6"], coe);
  }
  yield* space(config);
  yield* apart(config);
  yield* racks(config);
  yield* reflectors(config);
}

function* refusedByKind(path: Path, coe: CoeDraft, kinds: CoeKinds): Iterable<Problem> {
  const why = kindOf(kinds, coe.kind)?.noIpv6;
  if (why === undefined) return;
  for (const key of ["podCidr", ...serviceRanges] as const) {
    const range = coe[key]?.find((one) => familyOf(one) === 6);
    if (range !== undefined)
      yield {
        path: [...path, key],
        message: `found ${range}; ${aCoe(coe.kind)} has no IPv6: ${why}; allowed: IPv4 ranges`,
      };
  }
}

function* writtenTwice(at: Path, { address, address6 }: Addressed): Iterable<Problem> {
  if (address6 === undefined) return;
  const path = [...at, "address6"];
  if (familyOf(address6) === 4)
    yield { path, message: `found ${address6}; allowed: an IPv6 address; IPv4 goes into address` };
  else if (address !== undefined && familyOf(address) === 6)
    yield {
      path,
      message: `found ${address6} beside address ${address}; allowed: one address of each family`,
    };
}

/** Routes of a family have a next hop of it, and only they need one. */
function* nextHops(
  at: Path,
  node: Addressed,
  name: string,
  { podCidr = [] }: CoeDraft,
  speaker: boolean,
): Iterable<Problem> {
  const needed = familiesOf(podCidr);
  if (familyOf(node.address ?? "") === undefined || needed.length === 0) return;
  for (const family of families) {
    const own = hostAddress(node, family);
    const range = podCidr.find((one) => familyOf(one) === family);
    const key = family === 6 && familyOf(node.address ?? "") === 4 ? "address6" : "address";
    if (own === undefined && range !== undefined && speaker)
      yield {
        path: [...at, key],
        message: `${family === 6 ? "missing" : `found ${node.address}`}; ${name}.podCidr has ${range}, whose routes lead to an IPv${family} address of the node; needed: ${family === 6 ? "one" : "one, and the IPv6 address in address6"}`,
      };
    if (own !== undefined && range === undefined)
      yield {
        path: [...at, key],
        message: `found ${own}; ${name}.podCidr has no IPv${family} range, so no route leads to it; allowed: no IPv${family} address, or an IPv${family} range in podCidr`,
      };
  }
}

/** One range of services in each family that the containers have. */
function* services(path: Path, coe: CoeDraft): Iterable<Problem> {
  const pods = familiesOf(coe.podCidr);
  if (pods.length === 0) return;
  for (const key of serviceRanges) {
    for (const family of familiesOf(coe[key])) {
      const [range, ...more] = (coe[key] ?? []).filter((one) => familyOf(one) === family);
      if (more.length > 0)
        yield {
          path: [...path, key],
          message: `found ${[range, ...more].join(", ")}; allowed: one range of each family`,
        };
      if (!pods.includes(family))
        yield {
          path: [...path, key],
          message: `found ${range}; podCidr has no IPv${family} range; allowed: ranges of families that the containers have`,
        };
    }
  }
}

function* blocks(path: Path, { written, podCidr }: CoeDraft): Iterable<Problem> {
  if (written.blockSize6 === undefined || familiesOf(podCidr).includes(6)) return;
  if (familiesOf(podCidr).length > 0)
    yield {
      path,
      message: `found ${JSON.stringify(written.blockSize6)}; podCidr has no IPv6 range: leave it out`,
    };
}

/** Where everything of IPv4 has its like of IPv6. */
function* space({ network: { ipv6 } }: Draft): Iterable<Problem> {
  if (ipv6 === undefined || ipv6Space(ipv6) !== undefined) return;
  yield {
    path: ["network", "ipv6"],
    message: `found ${JSON.stringify(ipv6)}; allowed: a /96 of IPv6, such as 2001:db8:18::/96, in whose last 32 bits IPv4 addresses are`,
  };
}

/** A host is in one rack by both its addresses. */
function* racks({ network, coes, reflectors }: Draft): Iterable<Problem> {
  const all = Object.entries(network.racks ?? {}).map(([rack, { cidr }]) => ({
    rack,
    ranges: (cidr === undefined ? [] : listOf(cidr)).map(parsePrefix).filter(isPrefix),
  }));
  const rackOf = (address: string | undefined) =>
    all.find(({ ranges }) => ranges.some((range) => isIn(range, address)))?.rack;
  const hosts: (readonly [Path, Addressed])[] = [
    ...Object.entries(coes).flatMap(([coe, { nodes }]) =>
      Object.entries(nodes).map(
        ([name, node]) => [["coes", coe, "nodes", name], node] as [Path, Addressed],
      ),
    ),
    // What is a rack's router is looked at beside its rack.
    ...Object.entries(reflectors)
      .filter(([, { rack }]) => rack === undefined)
      .map(([name, one]) => [["reflectors", name], one] as [Path, Addressed]),
  ];
  for (const [at, { address, address6 }] of hosts) {
    const [four, six] = [rackOf(address), rackOf(address6)];
    if (four !== undefined && six !== undefined && four !== six)
      yield {
        path: [...at, "address6"],
        message: `found ${address6}, which is in ${six}, beside address ${address}, which is in ${four}; allowed: addresses of one rack`,
      };
  }
}

/** Containers of two COEs that have no family in common never reach each other. */
function* apart({ coes }: Draft): Iterable<Problem> {
  const all = Object.entries(coes);
  for (const [place, [name, coe]] of all.entries()) {
    const own = familiesOf(coe.podCidr);
    const other = all.slice(0, place).find(([, one]) => {
      const theirs = familiesOf(one.podCidr);
      return own.length > 0 && theirs.length > 0 && !own.some((family) => theirs.includes(family));
    });
    const [family] = own;
    if (other === undefined || family === undefined) continue;
    const needed = family === 4 ? 6 : 4;
    yield {
      path: ["coes", name, "podCidr"],
      message: `found IPv${family} alone, and coes.${other[0]} has IPv${needed} alone, so that their containers could not reach each other; needed: an IPv${needed} range here, or an IPv${family} range there`,
    };
  }
}

/** Sessions of a family end at a reflector that has an address of it. */
function* reflectors({ reflectors, coes }: Draft): Iterable<Problem> {
  const hubs = Object.entries(reflectors);
  for (const [name, reflector] of hubs) {
    const path = ["reflectors", name];
    yield* writtenTwice(path, reflector);
  }
  if (hubs.length === 0 || hubs.some(([, { address }]) => familyOf(address ?? "") === undefined))
    return;
  for (const family of families) {
    const [coe] = Object.entries(coes).filter(([, one]) =>
      familiesOf(one.podCidr).includes(family),
    );
    const having = hubs.filter(([, one]) => hostAddress(one, family) !== undefined);
    if (coe !== undefined && having.length === 0)
      yield {
        path: ["reflectors"],
        message: `found none with an IPv${family} address, and coes.${coe[0]}.podCidr has an IPv${family} range; needed: ${family === 6 ? "address6" : "an IPv4 address"} of one reflector or more`,
      };
    if (coe !== undefined || Object.values(coes).every(({ podCidr }) => podCidr === undefined))
      continue;
    for (const [name, one] of having)
      yield {
        path: [
          "reflectors",
          name,
          family === 6 && one.address6 !== undefined ? "address6" : "address",
        ],
        message: `found ${hostAddress(one, family)}; no COE has an IPv${family} range; allowed: no IPv${family} address, or an IPv${family} range in a podCidr`,
      };
  }
}
