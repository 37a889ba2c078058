import type { CoeContainer, IpamBlock } from "../../../components/ask/types";
import { contains } from "../../../util/net";
import type { Observation } from "../../types";
import type { Standing } from "../types";
import { coeOf, type Trip } from "../way";
import { ownerLink as plannedOwner } from "./planned";
import { unknownLink } from "./unknown";

/** Who has the address of the other end, by the word of its COE and of its IPAM. */
export function ownerLink(trip: Trip, seen: Observation): Standing {
  const planned = plannedOwner(trip);
  const { to } = trip;
  if (planned.status === "broken" || to.sort !== "container" || to.address === undefined)
    return planned;
  const answer = seen.containers[to.coe];
  if (!answer?.ok) return unknownLink(planned, answer);
  const found = answer.value.filter(({ address }) => address === to.address);
  const [only, ...more] = found;
  if (only === undefined) return ownerless(trip, seen, answer.value);
  const says = `${to.address} is ${only.name} on ${only.node}`;
  if (more.length > 0) return severalOwners(trip, found);
  const blocks = seen.blocks[to.coe];
  if (!blocks?.ok) return unknownLink(planned, blocks);
  return { ...planned, ...ofBlock(trip, says, blocks.value) };
}

function severalOwners({ to }: Trip, found: readonly CoeContainer[]): Standing {
  const list = found.map(({ name, node }) => `${name} on ${node}`).join(" and ");
  return {
    ...{ layer: "owner", at: to.coe, says: `${to.address} is ${list}`, status: "broken" },
    why: "an address that two containers have leads to one of them",
    remedy: `end one of them; its COE starts it again with an address of its own`,
  };
}

/** An address that no container has; IPAM may still hold it. */
function ownerless({ to }: Trip, seen: Observation, containers: readonly CoeContainer[]): Standing {
  const blocks = seen.blocks[to.coe];
  const block = blocks?.ok ? blockOf(blocks.value, to.address) : undefined;
  const held = block?.addresses.find(({ address }) => address === to.address);
  const [one] = containers;
  const rest = held === undefined ? "gives it to nobody" : `still holds it for ${held.holder}`;
  return {
    ...{ layer: "owner", at: to.coe, status: "broken" },
    says: `no container of ${to.coe} has ${to.address}`,
    why: `IPAM of ${to.coe} ${rest}`,
    remedy: `name a container that runs${one === undefined ? "" : `, such as ${one.name} (${one.address})`}`,
  };
}

/** The block of an address, and who announces it. */
function ofBlock(
  { plan, to, target }: Trip,
  says: string,
  blocks: readonly IpamBlock[],
): Pick<Standing, "says" | "status" | "why" | "remedy"> {
  const block = blockOf(blocks, to.address);
  const { ipam } = { ipam: `IPAM of ${coeOf(plan, to).name}` };
  if (block === undefined)
    return {
      ...{ says: `${says}; ${ipam} has no block for it`, status: "broken" },
      why: "no node announces an address without a block",
      remedy: "start the container again; its COE gives it an address of a block",
    };
  const { cidr, owners } = block;
  const [owner, ...others] = owners;
  if (owner === undefined)
    return {
      ...{ says: `${says}; ${cidr} belongs to no node`, status: "broken" },
      why: `${ipam} says that nobody announces it`,
      remedy: "start the container again; its COE gives it an address of a block of its node",
    };
  if (others.length > 0)
    return {
      ...{ says: `${says}; ${cidr} belongs to ${owners.join(" and ")}`, status: "broken" },
      why: "both announce it, and packets go to either",
      remedy: `take the block from the node that is not ${target?.id ?? "its owner"}, in ${ipam}`,
    };
  const borrowed = target !== undefined && owner !== target.id;
  return {
    says: `${says}; block ${cidr} of ${owner}${borrowed ? ", from which its node has borrowed it" : ""}`,
    status: "ok",
  };
}

function blockOf(blocks: readonly IpamBlock[], address: string | undefined): IpamBlock | undefined {
  return blocks.find(({ cidr }) => address !== undefined && contains(cidr, address));
}
