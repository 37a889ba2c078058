import {
  type Address,
  address,
  familyOf,
  formatAddress,
  isPrefix,
  type Prefix,
  parseEither,
  parsePrefix,
} from "../util/net";
import { listOf, rangesSchema } from "../util/ranges";
import { type CoeKinds, kindOf } from "./kind";
import { isFields } from "./readable";

/** How many bits of an IPv6 address are the plan's; the rest is an IPv4 address, as RFC 6052 has it for a /96. */
const length = 96;

type Fields = Readonly<Record<string, unknown>>;

/** The range that network.ipv6 names; undefined where it is not one that IPv4 addresses fit in. */
export function ipv6Space(text: unknown): Prefix | undefined {
  const parsed = typeof text === "string" ? parsePrefix(text) : undefined;
  if (parsed === undefined || !isPrefix(parsed)) return undefined;
  return parsed.family === 6 && parsed.length === length ? parsed : undefined;
}

/**
 * A configuration with `network.ipv6` as if everything of IPv4 in it had its like of IPv6 written beside it: networks, ranges
 * and addresses. Each follows from its own IPv4 one, so that it stays when others come and go. What has IPv6 already, and COEs
 * of kinds that cannot have it, are left as they are.
 */
export function withIpv6<T extends Fields>(given: T, kinds: CoeKinds): T {
  const network = isFields(given.network) ? given.network : {};
  const space = ipv6Space(network.ipv6);
  if (space === undefined) return given;
  const both = (record: Fields, keys: readonly string[]) => withRanges(space, record, keys);
  return {
    ...given,
    network: { ...both(network, ["nodes", "supernet"]), ...racksWithIpv6(space, network.nodes) },
    ...(isFields(given.reflectors)
      ? { reflectors: each(given.reflectors, (one) => withAddress(space, one)) }
      : {}),
    ...(isFields(given.coes)
      ? {
          coes: each(given.coes, (coe) => {
            const kind = typeof coe.kind === "string" ? kindOf(kinds, coe.kind) : undefined;
            if (kind === undefined || kind.noIpv6 !== undefined) return coe;
            const size = coe.blockSize ?? network.blockSize;
            return {
              ...both(coe, ["podCidr", "serviceCidr", "loadBalancerCidr", "externalCidr"]),
              ...(coe.blockSize6 === undefined && typeof size === "number"
                ? { blockSize6: size + length }
                : {}),
              ...(isFields(coe.nodes)
                ? { nodes: each(coe.nodes, (node) => both(withAddress(space, node), ["podCidr"])) }
                : {}),
            };
          }),
        }
      : {}),
  };
}

/** Racks, where networks of nodes have names. */
function racksWithIpv6(space: Prefix, nodes: unknown): Fields {
  if (!isFields(nodes)) return {};
  const racks = each(nodes, (rack) => {
    const { gateway: four, gateway6 } = rack;
    const alone = gateway6 === undefined && typeof four === "string" && familyOf(four) === 4;
    return {
      ...withRanges(space, rack, ["cidr"]),
      ...(alone ? { gateway6: formatAddress(like(space, address(four))) } : {}),
    };
  });
  return { nodes: racks };
}

function each(records: Fields, map: (record: Fields) => Fields): Fields {
  const entries = Object.entries(records).map(([name, one]) => [
    name,
    isFields(one) ? map(one) : one,
  ]);
  return Object.fromEntries(entries);
}

function withAddress(space: Prefix, host: Fields): Fields {
  const { address: four, address6 } = host;
  if (address6 !== undefined || typeof four !== "string" || familyOf(four) !== 4) return host;
  return { ...host, address6: formatAddress(like(space, address(four))) };
}

function withRanges(space: Prefix, record: Fields, keys: readonly string[]): Fields {
  const more = keys.flatMap((key) => {
    const { data } = rangesSchema.safeParse(record[key]);
    const four = listOf(data).filter((range) => familyOf(range) === 4);
    if (four.length === 0 || four.length < listOf(data).length) return [];
    const six = four.flatMap((range) => rangeLike(space, range));
    return six.length < four.length ? [] : [[key, [...four, ...six]] as const];
  });
  return { ...record, ...Object.fromEntries(more) };
}

/** None for what is no range, which is told of as it is written. */
function rangeLike(space: Prefix, range: string): string[] {
  const parsed = parseEither(range);
  if (parsed === undefined) return [];
  const { family, first: value } = parsed;
  return [`${formatAddress(like(space, { family, value }))}/${parsed.length + length}`];
}

function like({ first }: Prefix, { value }: Address): Address {
  return { family: 6, value: first + value };
}
