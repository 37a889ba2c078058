import { createColors } from "picocolors";
import type { RouterNeighbour, RouterPath } from "../components/ask/router";
import { isRouteProtocol } from "../components/kinds/traits";
import { withPort } from "../util/net";
import { table } from "../util/table";
import { writeRoute } from "./route";
import type { Verification } from "./run";
import type { CheckResult, KernelRoute } from "./types";

/** The colours a report is written in; plain unless the caller knows that a terminal reads it. */
export type Palette = ReturnType<typeof createColors>;

/** No colours at all. */
export const plain: Palette = createColors(false);

/** What an engineer wants to know of a check that does not pass, beside its title. */
const details = ["at", "asked", "found", "expected", "source", "cause", "remedy"] as const;
const label: Readonly<Record<(typeof details)[number], string>> = {
  at: "at",
  asked: "asked",
  found: "found",
  expected: "expected",
  source: "by",
  cause: "cause",
  remedy: "do",
};

/** One line per check; of one that does not pass also what was asked, what came back, what was expected, and what to do. */
export function renderResults(results: readonly CheckResult[], palette = plain): string[] {
  const { green, red, yellow } = palette;
  const mark = {
    pass: green("ok  "),
    fail: red("FAIL"),
    skip: yellow("skip"),
    unknown: yellow("????"),
  };
  const lines = results.flatMap((result) => [
    `${mark[result.status]} ${result.id}: ${result.status === "pass" ? result.found : result.title}`,
    ...(result.status === "fail" || result.status === "unknown" ? detailsOf(result) : []),
    ...(result.status === "skip" ? [`       because  ${result.found}`] : []),
  ]);
  const count = (status: CheckResult["status"]) =>
    results.filter((one) => one.status === status).length;
  const unknown = count("unknown");
  return [
    ...lines,
    "",
    `${count("pass")} ${count("pass") === 1 ? "check" : "checks"} passed, ${count("fail")} failed, ${count("skip")} skipped${unknown === 0 ? "" : `, ${unknown} could not be asked`}`,
  ];
}

function detailsOf(result: CheckResult): string[] {
  return details.flatMap((field) => {
    const said = field === "asked" ? result.asked || "nobody" : result[field];
    return said === undefined ? [] : [`       ${label[field].padEnd(8)}  ${said}`];
  });
}

/** The tables an engineer would look at: the reflectors' neighbours and RIB, the nodes' routes, the GETs. */
export function renderTables(verification: Verification, palette = plain): string[] {
  const { seen } = verification;
  const heading = palette.bold;
  return [
    ...Object.entries(seen.neighbours).flatMap(([name, answer]) => [
      heading(`${name}: neighbours`),
      ...(answer.ok ? neighbourTable(answer.value) : [answer.error]),
      "",
    ]),
    ...Object.entries(seen.rib).flatMap(([name, answer]) => [
      heading(`${name}: RIB`),
      ...(answer.ok ? ribTable(answer.value) : [answer.error]),
      "",
    ]),
    ...Object.entries(seen.routes).flatMap(([node, answer]) => [
      heading(`${node}: routes to containers`),
      ...(answer.ok ? routeLines(answer.value) : [answer.error]),
      "",
    ]),
    ...Object.values(seen.fetches).flatMap(({ from, to, answer }) => [
      heading(`GET from ${from.coe} to ${to.coe}`),
      `${from.name} (${from.address} on ${from.node}) -> http://${withPort(to.address, to.port)}/ (${to.name} on ${to.node})`,
      answer.ok ? JSON.stringify(answer.value) : answer.error,
      "",
    ]),
    ...Object.values(seen.nameFetches).flatMap(({ from, to, answer }) => [
      heading(`GET from ${from.coe} to ${to.coe} by name`),
      `${from.name} (${from.address} on ${from.node}) -> http://${to.host}:${to.port}/`,
      answer.ok ? JSON.stringify(answer.value) : answer.error,
      "",
    ]),
  ];
}

/** Like `gobgp neighbor`. */
export function neighbourTable(neighbours: readonly RouterNeighbour[]): string[] {
  const rows = [...neighbours]
    .sort((a, b) => compareAddresses(a.address, b.address))
    .map((peer) => [
      peer.address,
      String(peer.asn),
      peer.uptimeSeconds === undefined ? "never" : clock(peer.uptimeSeconds),
      peer.state === "Established" ? "Establ" : peer.state,
      String(peer.received),
      String(peer.accepted),
    ]);
  return table(
    [
      { title: "Peer" },
      { title: "AS", align: "right" },
      { title: "Up/Down", align: "right" },
      { title: "State" },
      { title: "|#Received", align: "right" },
      { title: "Accepted", align: "right" },
    ],
    rows,
  );
}

/** Like `gobgp global rib`. */
export function ribTable(rib: readonly RouterPath[]): string[] {
  if (rib.length === 0) return ["Network not in table"];
  const rows = [...rib]
    .sort((a, b) => compareAddresses(a.prefix, b.prefix))
    .map((path) => [
      path.best ? "*>" : "*",
      path.prefix,
      path.nextHop,
      clock(path.ageSeconds),
      path.localPref === undefined ? "" : `LocalPref: ${path.localPref}`,
    ]);
  return table(
    [
      { title: "" },
      { title: "Network" },
      { title: "Next Hop" },
      { title: "Age" },
      { title: "Attrs" },
    ],
    rows,
  );
}

function routeLines(routes: readonly KernelRoute[]): string[] {
  const shown = routes.filter(
    (route) => isRouteProtocol(route.protocol) || (route.device?.startsWith("cali") ?? false),
  );
  return shown.length === 0
    ? ["no container routes"]
    : [...shown].sort((a, b) => compareAddresses(a.prefix, b.prefix)).map(writeRoute);
}

function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const time = `${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 86_400 ? `${Math.floor(seconds / 86_400)}d ${time}` : time;
}

function compareAddresses(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
