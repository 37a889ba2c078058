import type { AnnouncedRanges } from "../../plan/types";

/** An answer of a live system, or why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly asked: string; readonly value: T }
  | {
      readonly ok: false;
      readonly asked: string;
      readonly error: string;
      /** Nothing came back at all, neither an answer nor a refusal: dropped on the way. */
      readonly silent?: true;
      /** The question could not be put, so that nothing was learned of what it is about: asking again may help. */
      readonly unasked?: true;
      /** What is missing comes by itself within a minute or two when all is well. */
      readonly late?: true;
    };

/** A running container that answers HTTP and can be asked to fetch. */
export interface Workload {
  readonly name: string;
  readonly coe: string;
  /** Node id, `<coe>/<node>`. */
  readonly node: string;
  readonly address: string;
  readonly port: number;
}

/** Which of a COE's announced ranges. */
export type ServiceRange = keyof AnnouncedRanges;

/** An address that leads to the servers of a COE, whichever of them. */
export interface ServiceAddress {
  readonly range: ServiceRange;
  readonly address: string;
  readonly port: number;
}
