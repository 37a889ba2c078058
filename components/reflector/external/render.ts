import type { Plan, ReflectorPlan } from "../../../plan/types";
import { birdLines } from "../bird/conf";
import { gracefulLines, instanceLines, neighborLines } from "../frr/conf";
import { type RouterConfig, routerConfig } from "../routing";
import { renderEos } from "./eos";
import { renderIosXe } from "./ios-xe";
import { renderJunos } from "./junos";
import type { DialectName } from "./model";
import type { Dialect } from "./names";
import { renderNxOs } from "./nx-os";

/** How the configuration of a router that we do not run is written, and what a line for people begins with there. */
const dialects: Readonly<
  Record<DialectName, { readonly render: Dialect; readonly comment: string }>
> = {
  bird: { render: renderOwnBird, comment: "#" },
  eos: { render: renderEos, comment: "!" },
  frr: { render: renderOwnFrr, comment: "!" },
  "ios-xe": { render: renderIosXe, comment: "!" },
  junos: { render: renderJunos, comment: "#" },
  "nx-os": { render: renderNxOs, comment: "!" },
};

/** What the owner of a router has to apply to it. @throws Error when the plan names no dialect of it */
export function renderExternal(plan: Plan, reflector: ReflectorPlan): string {
  const [, dialect] = Object.entries(dialects).find(([name]) => name === reflector.dialect) ?? [];
  if (dialect === undefined)
    throw new Error(`${reflector.name}: found dialect ${reflector.dialect ?? "none"}`);
  const { render, comment } = dialect;
  return `${comment} ${reflector.name}: apply this to the router at ${reflector.address}\n${render(routerConfig(plan, reflector))}`;
}

/** An FRR that is there, with zebra and with neighbours of its own: nothing of theirs is changed. */
function renderOwnFrr(config: RouterConfig): string {
  return `${[
    `router bgp ${config.asn}`,
    ...[...instanceLines(config), ...gracefulLines(config)].map((line) => ` ${line}`),
    "exit",
    ...config.neighbors.flatMap((one) => ["!", ...neighborLines(config, one)]),
  ].join("\n")}\n`;
}

/** What a bird.conf that is there takes by `include`. */
function renderOwnBird(config: RouterConfig): string {
  return `${[
    `router id ${config.routerId};`,
    // As it is read back.
    "timeformat protocol iso long;",
    "timeformat route iso long;",
    ...config.neighbors.flatMap((one) => ["", ...birdLines(config, one)]),
  ].join("\n")}\n`;
}
