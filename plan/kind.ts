import type { CoeKind } from "../config/kind";
import type { CoeConfig } from "../config/types";
import type { CoePlan } from "./types";

/** What the plan asks of a kind of COE, beside what the configuration asks. */
export interface PlannedKind extends CoeKind {
  /** The kind's own part of a COE's record: plain data, sorted. */
  plan(coe: CoeConfig): OwnPart;
  /** Where a datastore of a COE is that takes whoever reaches it. Default: it has none. */
  datastore?(coe: CoePlan): readonly DatastoreNode[];
}

/** By the name that the configuration uses. */
export type PlannedKinds = Readonly<Record<string, PlannedKind>>;

/** Fields of a COE's record that its kind writes: those that all know, and its own. */
export type OwnPart = Pick<CoePlan, "addons"> &
  Partial<
    Pick<CoePlan, "packages" | "calicoApi" | "strictAffinity" | "localServices" | "ipipMode">
  > &
  Readonly<Record<string, unknown>>;

/** A node that may have a member of a datastore, with the port that clients ask there. */
export interface DatastoreNode {
  readonly address: string;
  readonly port: number;
}
