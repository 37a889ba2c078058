import type { Plan } from "../../plan/types";
import { inEachFamily } from "../one-family";
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

type Checks = (plan: Plan, options?: CheckOptions) => Judged[];

/** Those of what packets and routes of one family meet: once in each that the plan has. */
const each =
  (checks: Checks): Checks =>
  (plan, options) =>
    inEachFamily(plan, (one) => checks(one, options));

/** What makes the checks of one group, in the order they are reported. What is expected never comes from what is checked. */
const groups: readonly Checks[] = [
  coeChecks,
  objectChecks,
  sessionChecks,
  speakerChecks,
  acceptanceChecks,
  ribChecks,
  each(originChecks),
  each(serviceRouteChecks),
  each(fibChecks),
  each(kernelChecks),
  each(httpChecks),
  each(pathChecks),
  each(serviceChecks),
  each(nameChecks),
  addonChecks,
  packageChecks,
  each(policyChecks),
  datastoreChecks,
];

/** All checks of a plan, in the order they are reported. */
export function checksOf(plan: Plan, options?: CheckOptions): Judged[] {
  return groups.flatMap((group) => group(plan, options));
}
