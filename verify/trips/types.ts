import type { Answer, Workload } from "../../components/ask/types";
import type { ProbeReply } from "../types";

/** What became of one part of a trip. */
export type Tried<T> = { readonly ok: true; readonly value: T } | TriedInVain;

export interface TriedInVain {
  readonly ok: false;
  readonly error: string;
  /** Nothing came back at all. */
  readonly silent?: true;
  /** It could not be tried with what is there. */
  readonly untried?: true;
}

/** From a container to a server of another COE: a page, 64 KiB, and packets that may not be cut, or not pass more routers than planned. */
export interface Trip {
  /** Address of the server. */
  readonly to: string;
  readonly page: Tried<ProbeReply>;
  /** Of the container's own interface. */
  readonly mtu?: number;
  /** A packet of that size that may not be cut; its answer's TTL. */
  readonly whole?: Tried<number>;
  /** A packet that may pass only as many routers as are planned; its answer's TTL. */
  readonly straight?: Tried<number>;
  /** 64 KiB that the server has read. */
  readonly body?: Tried<true>;
}

/** The trips of one container to servers of one COE. */
export interface Trips {
  readonly from: Workload;
  /** It is no probe, so that it may have policies of its own. */
  readonly stranger?: true;
  readonly to: readonly Workload[];
  /** By address of the server. */
  readonly answer: Answer<Readonly<Record<string, Trip>>>;
}
