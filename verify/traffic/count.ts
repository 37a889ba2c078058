import type { Answer, Workload } from "../../components/ask/types";

/** What was sent between two probes while an update went on, and what became of it. */
export interface PairTraffic {
  readonly from: Workload;
  readonly to: Workload;
  readonly sent: number;
  readonly lost: number;
  /** Questions that could not be put, such as a program that could not be run: nothing is known of those. */
  readonly unasked: number;
  /** Times of the first and the last that were lost, in milliseconds since the epoch. */
  readonly between?: readonly [first: number, last: number];
}

/** By `<coe>-to-<coe>`, and for further containers of the same COEs with `/2` and so on behind it. */
export type Traffic = Readonly<Record<string, PairTraffic>>;

export function nothingSent(from: Workload, to: Workload): PairTraffic {
  return { from, to, sent: 0, lost: 0, unasked: 0 };
}

/** One GET more. */
export function counted(pair: PairTraffic, answer: Answer<string>, now: number): PairTraffic {
  if (answer.ok) return { ...pair, sent: pair.sent + 1 };
  if (answer.unasked === true) return { ...pair, unasked: pair.unasked + 1 };
  const [first = now] = pair.between ?? [];
  return { ...pair, sent: pair.sent + 1, lost: pair.lost + 1, between: [first, now] };
}

/** What an output says of a pair. */
export interface PairReport {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  readonly unasked: number;
  /** Seconds from the first to the last that was lost. */
  readonly seconds?: number;
  /** A container of the pair is no longer there, so that the loss is its own. */
  readonly moved?: true;
}

/** Containers that run, and the COEs that have said so: of others nothing is known. */
export interface Running {
  readonly running: readonly Workload[];
  readonly asked: readonly string[];
}

/** @param there what runs afterwards */
export function trafficReport(
  traffic: Traffic,
  { running, asked }: Running,
): Readonly<Record<string, PairReport>> {
  const stays = ({ name, address, coe }: Workload) =>
    !asked.includes(coe) || running.some((one) => one.name === name && one.address === address);
  return Object.fromEntries(
    Object.entries(traffic).map(([key, { from, to, sent, lost, unasked, between }]) => [
      key,
      {
        ...{ from: from.name, to: to.name, sent, lost, unasked },
        ...(between === undefined ? {} : { seconds: (between[1] - between[0]) / 1000 }),
        ...(stays(from) && stays(to) ? {} : { moved: true as const }),
      },
    ]),
  );
}
