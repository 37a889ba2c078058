import { prefix, widthOf } from "../util/net";
import type { FencePlan, FencePrefix } from "./types";

/**
 * The LOCAL_PREF that routers give to whatever a node announces, which is also what every speaker proposes by default: with
 * one of its own choice a node would win every prefix that it may announce at all.
 */
export const nodeLocalPref = 100;

/** Beside blocks, single addresses: of services, and of containers where nodes borrow. More routes than the most hurt. */
const limits = { least: 1_000, most: 20_000 } as const;

/**
 * The number of prefixes to take from one node where the plan is to say it: far more than a node announces even if it has all
 * blocks of its COE.
 */
export function limitFor(blocks: number): number {
  return Math.min(Math.max(2 * blocks, limits.least), limits.most);
}

/**
 * What may be announced of a range: pieces of one length, and single addresses. A length in between is nobody's, and a
 * router prefers it to the piece that it is in.
 * @param single whether single addresses are announced. Default: they are
 */
export function spansOf(range: string, length: number, single = true): FencePlan["prefixes"] {
  const host = widthOf[prefix(range).family];
  const one = exactly(range, length);
  return length === host || !single ? [one] : [one, exactly(range, host)];
}

/** Pieces of a range of one length alone. */
export function exactly(range: string, length: number): FencePrefix {
  return { cidr: range, minLength: length, maxLength: length };
}
