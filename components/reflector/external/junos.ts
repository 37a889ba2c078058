import type { PrefixPattern } from "../../../util/net";
import { prefix as prefixIn } from "../../../util/net";
import type { RouterConfig, RouterNeighbor } from "../routing";
import { familyOf, isExternal, nameOf, restartTime } from "./names";

/** As many paths as it sends; the plan's number is over what older versions take. */
const paths = 6;

/** Juniper's Junos, as `set` commands. */
export function renderJunos(config: RouterConfig): string {
  const restart = restartTime(config);
  const groups = [...new Set(config.neighbors.map((one) => groupOf(config, one)))].sort();
  return `${[
    `set routing-options router-id ${config.routerId}`,
    `set routing-options autonomous-system ${config.asn}`,
    ...(restart === undefined
      ? []
      : [
          "set routing-options graceful-restart",
          `set protocols bgp graceful-restart restart-time ${restart}`,
        ]),
    'set policy-options community seamless-all members "*:*"',
    ...(config.neighbors.some((one) => isExternal(config, one))
      ? ['set policy-options as-path seamless-one-as ".{0,1}"']
      : []),
    ...config.neighbors.flatMap((one) => policyLines(config, one)),
    ...groups.flatMap((group) => groupLines(config, group)),
    ...config.neighbors.flatMap((one) =>
      sessionLines(config, one).map(
        (line) => `set protocols bgp group ${groupOf(config, one)} neighbor ${one.address} ${line}`,
      ),
    ),
  ].join("\n")}\n`;
}

function groupOf(config: RouterConfig, one: RouterNeighbor): string {
  return isExternal(config, one) ? "seamless-external" : "seamless-clients";
}

function policyLines(config: RouterConfig, one: RouterNeighbor): string[] {
  const policy = (name: string) => `set policy-options policy-statement ${name}`;
  const [from, to] = [nameOf("from", one.address), nameOf("to", one.address)];
  const own = `${policy(from)} term own`;
  const all = `${policy(to)} term all`;
  return [
    ...(one.accepts.length === 0
      ? []
      : [
          ...one.accepts.map((pattern) => `${own} from route-filter ${filter(pattern)}`),
          `${own} from next-hop ${one.address}`,
          ...(isExternal(config, one) ? [`${own} from as-path seamless-one-as`] : []),
          `${own} then local-preference ${one.localPref}`,
          `${own} then metric 0`,
          `${own} then origin igp`,
          `${own} then community delete seamless-all`,
          `${own} then accept`,
        ]),
    `${policy(from)} term rest then reject`,
    `${all} from protocol bgp`,
    ...(one.noAdvertise === undefined ? [] : [`${all} then community add no-advertise`]),
    `${all} then accept`,
    `${policy(to)} term rest then reject`,
    ...(one.noAdvertise === undefined
      ? []
      : ["set policy-options community no-advertise members no-advertise"]),
  ];
}

function filter({ prefix, min, max }: PrefixPattern): string {
  const { length } = prefixIn(prefix);
  return min === length && max === length
    ? `${prefix} exact`
    : `${prefix} prefix-length-range /${min}-/${max}`;
}

function groupLines(config: RouterConfig, group: string): string[] {
  const own = config.neighbors.filter((one) => groupOf(config, one) === group);
  const internal = group === "seamless-clients";
  const families = familiesOf(own);
  return [
    `type ${internal ? "internal" : "external"}`,
    `local-address ${config.address}`,
    ...(internal ? [`cluster ${config.clusterId}`] : ["multihop no-nexthop-change"]),
    // With both, each neighbour says its own: else every session would carry both.
    ...(families.length > 1 ? [] : families.flatMap((family) => familyLines(family, own))),
  ].map((line) => `set protocols bgp group ${group} ${line}`);
}

function familiesOf(neighbors: readonly RouterNeighbor[]): number[] {
  return [...new Set(neighbors.map(({ address }) => familyOf(address)))].sort();
}

function familyLines(family: number, neighbors: readonly RouterNeighbor[]): string[] {
  const several = neighbors.some(({ severalPaths }) => severalPaths === true);
  const word = `family ${family === 6 ? "inet6" : "inet"} unicast`;
  return [word, ...(several ? [`${word} add-path send path-count ${paths}`] : [])];
}

function sessionLines(config: RouterConfig, one: RouterNeighbor): string[] {
  const group = config.neighbors.filter((other) => groupOf(config, other) === groupOf(config, one));
  return [
    `description "${one.description}"`,
    ...(one.local === config.address ? [] : [`local-address ${one.local}`]),
    ...(familiesOf(group).length > 1 ? familyLines(familyOf(one.address), [one]) : []),
    ...(isExternal(config, one) ? [`peer-as ${one.asn}`] : []),
    ...(one.password === undefined ? [] : [`authentication-key "${one.password}"`]),
    ...(one.timers === undefined ? [] : [`hold-time ${one.timers.hold}`]),
    ...(one.replacePeerAs === undefined ? [] : ["as-override"]),
    `import ${nameOf("from", one.address)}`,
    `export ${nameOf("to", one.address)}`,
  ];
}
