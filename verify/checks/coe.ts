import type { CoeContainer, CoeNode, IpamBlock } from "../../components/ask/types";
import { addressesOf } from "../../plan/families";
import { familiesOfCoe } from "../../plan/one-family";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { contains, familyOf } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import { deployedCoes } from "../coes";
import { blockOf, everyIpam, ipamOf, isLeft } from "../expected";
import type { Fault, Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";

/** What the COEs say of themselves fits the plan, and itself. */
export function coeChecks(plan: Plan): Judged[] {
  return deployedCoes(plan).flatMap((coe): Judged[] => [
    {
      id: `nodes/${coe.name}`,
      group: "coe",
      title: `${coe.name} has the nodes of the plan, and no others`,
      needs: [`members/${coe.name}`],
      judge: (seen) => judgeNodes(coe, seen),
    },
    {
      id: `containers/${coe.name}`,
      group: "coe",
      title: `containers of ${coe.name} have addresses of ${podRanges(coe).join(", ")}, out of blocks of its IPAM`,
      needs: ipamOf(coe),
      judge: (seen) => judgeContainers(plan, coe, seen),
    },
    {
      id: `ipam/${coe.name}`,
      group: "coe",
      title: `each block that IPAM of ${coe.name} has given out belongs to one node, which is there`,
      needs: [...everyIpam(plan), `members/${coe.name}`],
      judge: (seen) => judgeBlocks(plan, coe, seen),
    },
  ]);
}

/** Nodes are the same by their names or by their addresses: COEs have names of their own for some. */
function judgeNodes(coe: CoePlan, seen: Observation): Verdict {
  const planned = Object.values(coe.nodes);
  const about: About = {
    at: coe.name,
    expected: `nodes ${planned.map((node) => `${node.name} (${addressesOf(node).join(", ")})`).join(", ")}`,
    source: `plan: coes.${coe.name}.nodes`,
    cause: "nodes were added, removed or given other addresses since the plan was made",
    remedy: `write the nodes of ${coe.name} into coes.${coe.name}.nodes, then run: pulumi up`,
  };
  const answer = seen.members[coe.name];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, about);
  const same = (found: CoeNode, one: NodePlan) =>
    [found.address, found.address6].includes(one.address) ||
    (found.address === "" && found.name === one.name);
  const strangers = answer.value.filter((node) => !planned.some((one) => same(node, one)));
  const missing = planned.filter((one) => !answer.value.some((node) => same(node, one)));
  const others = planned.flatMap(({ name, address6 }) => {
    const found = answer.value.find((node) => node.name === name)?.address6;
    return address6 === undefined || found === undefined || found === address6
      ? []
      : [`${coe.name} has ${name} (${found}), the plan has it at ${address6}`];
  });
  const wrong = [
    ...others,
    ...strangers.map(
      ({ name, address }) =>
        `${coe.name} has ${name} (${address || "no address"}), which the plan has not at this address`,
    ),
    ...missing.map(({ name, address }) => `the plan has ${name} (${address}), ${coe.name} has not`),
  ];
  return wrong.length === 0
    ? pass(answer.asked, `${planned.length} nodes, as planned`)
    : fail(answer.asked, wrong, about);
}

/** Every container can be reached by others only at an address of the plan, in a block that somebody announces. */
function judgeContainers(plan: Plan, coe: CoePlan, seen: Observation): Verdict {
  const own = podRanges(coe);
  const about: About = {
    at: coe.name,
    expected: `each container at an address of ${own.join(", ")}, in a block of IPAM, with a record of its own`,
    source: `plan: coes.${coe.name}.podCidr, and ${coe.name}: IPAM`,
    ...(haveRanges(coe)
      ? {
          cause: "the network of containers on these nodes has another range than the node",
          remedy: `give it the node's own range (coes.${coe.name}.nodes.<node>.podCidr), and start these containers again`,
        }
      : {
          cause:
            "containers have addresses of a pool that is not in the plan, or not of the COE's IPAM",
          remedy: `disable the pool and start these containers again, or add its range to coes.${coe.name}.podCidr and run: pulumi up`,
        }),
  };
  const [containers, blocks] = [seen.containers[coe.name], seen.blocks[coe.name]];
  if (containers === undefined || blocks === undefined) return unreachable(about);
  if (!containers.ok) return refused(containers, about);
  if (!blocks.ok) return refused(blocks, about);
  if (containers.value.length === 0)
    return skip(containers.asked, "no container with an address of its own is running");
  // host-local keeps no list of addresses.
  const recorded = blocks.value.some(({ addresses }) => addresses.length > 0);
  const wrong = containers.value.flatMap((container) =>
    faultsOf(plan, coe, container, blocks.value, recorded),
  );
  const twice = duplicates(plan, coe, containers.value, seen);
  const half = lacking(coe, containers.value);
  const names = new Set(containers.value.map(({ name }) => name));
  return wrong.length + twice.length + half.length === 0
    ? pass(containers.asked, `${names.size} containers, all in blocks of the plan`)
    : fail(containers.asked, [...wrong, ...twice, ...half], about);
}

/** Whether nodes have ranges of their own, of which no other node borrows an address. */
function haveRanges({ nodes }: CoePlan): boolean {
  return Object.values(nodes).some(({ podCidr }) => podCidr !== undefined);
}

/** Containers that have no address of a family of their COE: others do not reach them by it. */
function lacking(coe: CoePlan, containers: readonly CoeContainer[]): string[] {
  const families = familiesOfCoe(coe);
  if (families.length < 2) return [];
  const found = new Map<string, CoeContainer[]>();
  for (const one of containers) found.set(one.name, [...(found.get(one.name) ?? []), one]);
  return [...found].flatMap(([name, all]) =>
    families
      .filter((family) => all.every(({ address }) => familyOf(address) !== family))
      .map((family) => `${name} on ${all[0]?.node} has no IPv${family} address`),
  );
}

function faultsOf(
  plan: Plan,
  coe: CoePlan,
  { name, node, address }: CoeContainer,
  blocks: readonly IpamBlock[],
  recorded: boolean,
): string[] {
  const where = `${name} on ${node} has ${address}`;
  if (!containedIn(podRanges(coe), address)) {
    const other = Object.values(plan.coes).find((one) => containedIn(podRanges(one), address));
    return [
      `${where}, outside ${podRanges(coe).join(", ")}${other === undefined ? "" : ` and in the range of ${other.name}`}`,
    ];
  }
  const block = blockOf(blocks, address);
  if (block === undefined) return [`${where}, which is in no block of IPAM`];
  if (haveRanges(coe) && !block.owners.includes(node))
    return [
      `${where}, in the range of ${block.owners.join(", ")}, to which others send its packets`,
    ];
  if (recorded && !block.addresses.some((one) => one.address === address))
    return [`${where}, which IPAM has not given out: another container may get it, too`];
  if (Object.values(coe.nodes).every(({ id }) => id !== node))
    return [`${where}; the plan has no such node`];
  return [];
}

/** One address that two containers have, be they of two COEs. */
function duplicates(
  plan: Plan,
  coe: CoePlan,
  own: readonly CoeContainer[],
  seen: Observation,
): string[] {
  const all = deployedCoes(plan).flatMap(({ name }) => {
    const answer = seen.containers[name];
    return answer?.ok === true ? answer.value.map((one) => ({ ...one, coe: name })) : [];
  });
  const holders = new Map<string, typeof all>();
  for (const one of all) holders.set(one.address, [...(holders.get(one.address) ?? []), one]);
  return own.flatMap(({ name, address }) => {
    const others = (holders.get(address) ?? []).filter(
      (one) => one.coe !== coe.name || one.name !== name,
    );
    // It is told once, by the first of them.
    return others.length === 0 || others.some((one) => one.coe === coe.name && one.name < name)
      ? []
      : [
          `${address} is ${name}'s, and ${others.map((one) => `${one.name}'s of ${one.coe}`).join(", ")}`,
        ];
  });
}

/** A block has one owner, a node of the plan that is there, and is in a range of the plan. */
function judgeBlocks(plan: Plan, coe: CoePlan, seen: Observation): Verdict {
  const about: About = {
    at: coe.name,
    expected: `each block owned by one node of ${coe.name}, inside ${podRanges(coe).join(", ")}`,
    source: `${coe.name}: IPAM, and ${coe.name}: nodes`,
    cause:
      "a node was removed without its blocks being released, or IPAM's records were changed by hand",
    remedy: "release what belongs to no node: calicoctl ipam check, then calicoctl ipam release",
  };
  const [blocks, members] = [seen.blocks[coe.name], seen.members[coe.name]];
  if (blocks === undefined || members === undefined) return unreachable(about);
  if (!blocks.ok) return refused(blocks, about);
  if (!members.ok) return refused(members, about);
  const there = new Set(
    Object.values(coe.nodes)
      .filter(({ name, address }) =>
        members.value.some((one) => one.address === address || one.name === name),
      )
      .map(({ id }) => id),
  );
  const wrong = blocks.value
    .filter((block) => !isLeft(coe, block))
    .flatMap((block) => [
      ...ownerFaults(coe, block, there, new Set(members.value.map(({ name }) => name))),
      ...elsewhere(plan, coe, block, seen),
    ]);
  if (blocks.value.length === 0 && wrong.length === 0)
    return skip(blocks.asked, "IPAM has given out no block yet");
  const used = blocks.value.reduce((sum, { addresses }) => sum + addresses.length, 0);
  return wrong.length === 0
    ? pass(
        blocks.asked,
        `${blocks.value.length} blocks with ${used} addresses in use, each of one node`,
      )
    : fail(blocks.asked, wrong, about);
}

function ownerFaults(
  coe: CoePlan,
  { cidr, owners, addresses }: IpamBlock,
  there: ReadonlySet<string>,
  members: ReadonlySet<string>,
): Fault[] {
  const inUse = addresses.length === 0 ? "" : `, with ${addresses.length} addresses in use`;
  const silent = Object.values(coe.nodes)
    .filter(({ speaker }) => !speaker)
    .map(({ id }) => id);
  const used = (what: string): Fault => ({ same: what, found: `${what}${inUse}` });
  return [
    ...(owners.length > 1 ? [`${cidr} has several owners: ${owners.join(", ")}`] : []),
    ...owners
      .filter((owner) => !there.has(owner))
      .map((owner) =>
        used(
          members.has(owner)
            ? `${cidr} belongs to ${owner}, which the plan has not`
            : `${cidr} belongs to ${owner}, which is no node of ${coe.name} any more`,
        ),
      ),
    ...owners
      .filter((owner) => silent.includes(owner))
      .map((owner) => used(`${cidr} belongs to ${owner}, which has no session by the plan`)),
    ...(containedIn(podRanges(coe), cidr)
      ? []
      : [
          used(
            `${cidr} of ${owners.join(", ") || "nobody"} is outside ${podRanges(coe).join(", ")}`,
          ),
        ]),
  ];
}

/** Addresses that IPAM of another COE has given out, too. */
function elsewhere(plan: Plan, coe: CoePlan, { cidr, owners }: IpamBlock, seen: Observation) {
  return deployedCoes(plan)
    .filter(({ name }) => name !== coe.name)
    .flatMap(({ name }) => {
      const answer = seen.blocks[name];
      const others = answer?.ok === true ? answer.value : [];
      return others
        .filter((other) => contains(other.cidr, cidr) || contains(cidr, other.cidr))
        .map(
          (other) =>
            `${cidr} belongs to ${owners.join(", ")}, and by ${name}'s IPAM ${other.cidr} to ${other.owners.join(", ")}`,
        );
    });
}
