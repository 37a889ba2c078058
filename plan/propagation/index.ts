/**
 * A model of BGP over the plan (RFC 4271, 4456, 7911 and what daemons make of them): who learns which prefix from whom,
 * with which attributes, or where and why the path ends. Real daemons have to agree with it: see the tests.
 */
export { type DeadEnd, deadEnds } from "./dead-ends";
export { endsBefore } from "./fate";
export { type Modelled, networkOf } from "./from-plan";
export type { Acceptance, Network, Origination, Router, Session, SessionSide } from "./network";
export type { Learned, Path, PathEnd } from "./path";
export { type Outcome, settle, type Turns } from "./settle";
export { type Topology, topologyOf } from "./topology";
export { type RouterTraits, standardTraits, type Traits } from "./traits";
