import { z } from "zod";

/** Fields of a BGPConfiguration that are lists of ranges of services; each is written whole. */
export const serviceFields = [
  "serviceClusterIPs",
  "serviceExternalIPs",
  "serviceLoadBalancerIPs",
] as const;

type ServiceField = (typeof serviceFields)[number];
type Ranges = readonly { readonly cidr: string }[];

const ranges = z.array(z.looseObject({ cidr: z.string() })).catch([]);

/** The fields with what they were before: those ranges come first, and none is there twice. */
export function withServicesOf<Spec extends { readonly [Field in ServiceField]?: Ranges }>(
  spec: Spec,
  before: Readonly<Record<string, unknown>> | undefined,
): Spec {
  const merged = serviceFields.flatMap((field) => {
    const planned = spec[field];
    if (planned === undefined) return [];
    const there = ranges.parse(before?.[field]);
    const added = planned.filter(({ cidr }) => !there.some((one) => one.cidr === cidr));
    return [[field, [...there, ...added]] as const];
  });
  return { ...spec, ...Object.fromEntries(merged) };
}
