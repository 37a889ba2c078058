import type { Plan } from "../../plan/types";
import type { Judged } from "../types";
import { acceptanceChecks } from "./acceptance";
import { addonChecks, packageChecks } from "./addon";
import { coeChecks } from "./coe";
import { fibChecks } from "./fib";
import { httpChecks } from "./http";
import { kernelChecks } from "./kernel";
import { nameChecks } from "./name";
import { objectChecks } from "./object";
import { type PathOptions, pathChecks } from "./path";
import { datastoreChecks, policyChecks } from "./policy";
import { originChecks, ribChecks } from "./rib";
import { serviceChecks, serviceRouteChecks } from "./service";
import { sessionChecks } from "./session";
import { speakerChecks } from "./speaker";

/** What else is checked. */
export type CheckOptions = PathOptions;

/** What makes the checks of one group, in the order they are reported. What is expected never comes from what is checked. */
const groups: readonly ((plan: Plan, options?: CheckOptions) => Judged[])[] = [
  coeChecks,
  objectChecks,
  sessionChecks,
  speakerChecks,
  acceptanceChecks,
  ribChecks,
  originChecks,
  serviceRouteChecks,
  fibChecks,
  kernelChecks,
  httpChecks,
  pathChecks,
  serviceChecks,
  nameChecks,
  addonChecks,
  packageChecks,
  policyChecks,
  datastoreChecks,
];

/** All checks of a plan, in the order they are reported. */
export function checksOf(plan: Plan, options?: CheckOptions): Judged[] {
  return groups.flatMap((group) => group(plan, options));
}
