import type { Answer } from "../../components/ask/types";
import type { NodePlan } from "../../plan/types";
import type { KernelView } from "../checks/kernel";
import { routedPacket } from "../checks/kernel/packets";
import { kernelsIn } from "../checks/kernel/view";
import { exitTo } from "../checks/kernel/ways";
import { type End as KernelEnd, linked } from "../kernel/ends";
import { type Way as KernelWay, lookupsOf } from "../kernel/lookup";
import type { Observation } from "../types";
import type { End } from "./types";
import { coeOf, type Trip } from "./way";

/** A container at one end of a trip, as those who judge kernels know it; undefined for all else. */
export function kernelEnd(
  { plan }: Pick<Trip, "plan">,
  end: End,
  node: NodePlan | undefined,
): KernelEnd | undefined {
  if (end.sort !== "container" || end.address === undefined || node === undefined) return undefined;
  return { coe: coeOf(plan, end), node, address: end.address };
}

/** The kernel of a node, looked at for one trip; or why it could not be asked. */
export function viewOf(
  trip: Trip,
  seen: Observation,
  node: NodePlan,
): KernelView | Exclude<Answer<never>, { readonly ok: true }> | undefined {
  const answer = seen.kernels?.[node.id];
  if (answer === undefined || !answer.ok) return answer;
  const ends = [
    kernelEnd(trip, trip.from, trip.source),
    kernelEnd(trip, trip.to, trip.target),
  ].filter((end) => end !== undefined);
  const coe = coeOf(trip.plan, { coe: node.id.slice(0, node.id.indexOf("/")) });
  const kernel = answer.value;
  return {
    plan: trip.plan,
    coe,
    node,
    kernel,
    lookups: lookupsOf(kernel),
    ends,
    kernels: kernelsIn(seen),
  };
}

/** Whether a kernel could be asked. */
export function isView(view: ReturnType<typeof viewOf>): view is KernelView {
  return view !== undefined && "kernel" in view;
}

/** Devices by which a packet of a trip comes into a node and leaves it; undefined where the kernel knows none. */
export interface Devices {
  readonly iif?: string;
  readonly oif?: string;
}

/** On the source's node from the container to the other node, on the target's from that node to the container. */
export function devicesOf(view: KernelView, { from, to, source, target }: Trip): Devices {
  const links = linked(view);
  const cable = ({ address = "" }: End) => links.get(address);
  const by = (node: NodePlan | undefined) =>
    node === undefined || node.id === view.node.id ? undefined : exitTo(view, node)?.device;
  const iif = view.node.id === source?.id ? cable(from) : by(source);
  const oif = view.node.id === target?.id ? cable(to) : by(target);
  return { ...(iif === undefined ? {} : { iif }), ...(oif === undefined ? {} : { oif }) };
}

/** Where the rules and tables of a node lead a packet of the trip. */
export function kernelWay(view: KernelView, trip: Trip): KernelWay {
  const to = trip.to.address ?? "";
  const local = trip.from.sort === "host" && trip.source?.id === view.node.id;
  if (local) return view.lookups.way({ from: view.node.address, to, mark: 0 });
  const course = { from: trip.from.address ?? view.node.address, to };
  return view.lookups.way(routedPacket(view, { ...course, ...devicesOf(view, trip) }));
}
