/** In which family a way is explained. */
import { addressesOf, addressOf, families } from "../../plan/families";
import { familiesOfCoe } from "../../plan/one-family";
import type { Plan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { type Family, familyOf } from "../../util/net";
import type { End } from "./types";

/**
 * The family that both ends have: IPv4 where they have both, unless IPv6 is asked for.
 * @param six whether IPv6 is asked for
 * @throws SeamlessError for ends without that family, or with none in common
 */
export function familyOfWay(plan: Plan, from: End, to: End, six: boolean): Family {
  const [own, other] = [familiesOfEnd(plan, from), familiesOfEnd(plan, to)];
  const common = families.filter((family) => own.includes(family) && other.includes(family));
  const wanted = six ? common.filter((family) => family === 6) : common;
  const [family] = wanted;
  if (family !== undefined) return family;
  const has = (end: End, its: readonly Family[]) =>
    `${end.asked} has ${its.map((one) => `IPv${one}`).join(" and ") || "no address"}`;
  throw new SeamlessError(
    `FROM ${from.asked}, TO ${to.asked}: found ${has(from, own)}, and ${has(to, other)}; allowed: two ends that both have ${six ? "IPv6" : "IPv4 or IPv6"}`,
    exitCode.usage,
  );
}

/** Of an end that only the plan knows, the families that its COE's containers have. */
function familiesOfEnd({ coes }: Plan, { address, address6, coe }: End): readonly Family[] {
  const own = coes[coe];
  if (address === undefined) return own === undefined ? [] : familiesOfCoe(own);
  const all = addressesOf({ address, ...(address6 === undefined ? {} : { address6 }) });
  return families.filter((family) => all.some((one) => familyOf(one) === family));
}

/** An end by its address of a family alone. */
export function endIn(end: End, family: Family): End {
  const { address, address6, ...rest } = end;
  if (address === undefined) return rest;
  const own = addressOf({ address, ...(address6 === undefined ? {} : { address6 }) }, family);
  return own === undefined ? rest : { ...rest, address: own };
}
