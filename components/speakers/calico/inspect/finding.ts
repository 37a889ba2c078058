import { SeamlessError } from "../../../../util/errors";
import { type NodeTraffic, renderTraffic } from "./traffic";

/** One way in which a cluster differs from the plan. */
export interface Finding {
  /** What it is about: `pool/default-ipv4-ippool`, `bgp/mesh`. */
  readonly id: string;
  /** `blocks`: cannot be joined as it is; `changes`: joining changes it; `notes`: stays, and matters. */
  readonly level: "blocks" | "changes" | "notes";
  /** What was found, and what the plan says. */
  readonly found: string;
  /** What that does to traffic. */
  readonly effect: string;
  /** What to do about it, where there is something. */
  readonly advice?: string;
}

/** What an inspection tells, of whatever kind of COE. */
export interface InspectionReport {
  /** The cluster in a few words. */
  readonly about: string;
  /** Everything that was looked at; plain data. */
  readonly seen: unknown;
  readonly findings: readonly Finding[];
  /** For each node of the cluster; absent where nothing is known of them. */
  readonly traffic?: Readonly<Record<string, NodeTraffic>>;
}

/** What is in the way comes first, then what joining changes. */
export function inOrderOfWeight(findings: readonly Finding[]): Finding[] {
  const order = ["blocks", "changes", "notes"];
  return [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** What to do about somebody who would set it again. */
export function takeOver(setBy: readonly string[]): Pick<Finding, "advice"> {
  if (setBy.length === 0) return {};
  return {
    advice: `these fields are taken over from ${setBy.join(", ")}: leave them out there, or what is applied there next puts them back`,
  };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export function refuseBlocking(coe: string, findings: readonly Finding[]): void {
  const blocking = findings.filter(({ level }) => level === "blocks");
  if (blocking.length === 0) return;
  const head = `${coe} cannot be joined as it is; nothing was changed`;
  throw new SeamlessError([head, ...blocking.flatMap(describe)].join("\n"));
}

/** A finding for people, on two or three lines. */
function describe({ level, id, found, effect, advice }: Finding): string[] {
  return [
    `${level.padEnd(7)} ${id}: ${found}`,
    `        effect  ${effect}`,
    ...(advice === undefined ? [] : [`        to do   ${advice}`]),
  ];
}

/** The whole inspection for people. */
export function renderInspection(
  coe: string,
  { about, findings, traffic = {} }: InspectionReport,
): string[] {
  const count = (level: Finding["level"]) => findings.filter((one) => one.level === level).length;
  return [
    `${coe}: ${about}`,
    ...renderTraffic(traffic),
    "",
    ...findings.flatMap(describe),
    ...(findings.length === 0 ? [] : [""]),
    `${count("blocks")} in the way, ${count("changes")} changed by joining, ${count("notes")} to know`,
  ];
}
