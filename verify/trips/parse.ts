import { parseProbe } from "../parse";
import type { ProbeReply } from "../types";
import type { Tried, TriedInVain, Trip } from "./types";

interface Part {
  readonly code: number;
  readonly text: string;
}

/** Reads what the program of the trips has printed, by address of the server. @throws Error when it is something else */
export function parseTrips(text: string): Record<string, Trip> {
  const trips = text.split(/^@@ /m).slice(1);
  if (trips.length === 0) throw new Error("no trips");
  return Object.fromEntries(
    trips.map((one): [string, Trip] => {
      const end = one.indexOf("\n");
      const to = one.slice(0, end).trim();
      return [to, tripOf(to, partsOf(one.slice(end + 1)))];
    }),
  );
}

function partsOf(text: string): ReadonlyMap<string, Part> {
  return new Map(
    text
      .split(/^@- /m)
      .slice(1)
      .map((one): [string, Part] => {
        const end = one.indexOf("\n");
        const [name = "", code = ""] = one.slice(0, end).trim().split(" ");
        return [name, { code: Number(code), text: one.slice(end + 1) }];
      }),
  );
}

function tripOf(to: string, parts: ReadonlyMap<string, Part>): Trip {
  const [page, whole, straight] = [parts.get("page"), parts.get("whole"), parts.get("straight")];
  const mtu = Number(parts.get("mtu")?.text.trim() || Number.NaN);
  const body = bodyOf(parts.get("body"), parts.get("headers"));
  return {
    to,
    page: page === undefined ? { ok: false, error: "not tried", untried: true } : pageOf(page),
    ...(mtu > 0 ? { mtu } : {}),
    ...(whole === undefined ? {} : { whole: pingOf(whole) }),
    ...(straight === undefined ? {} : { straight: pingOf(straight) }),
    ...(body === undefined ? {} : { body }),
  };
}

function pageOf(part: Part): Tried<ProbeReply> {
  const [, status] = /^HTTP\/1\.\d (\d+)/.exec(part.text) ?? [];
  if (status === undefined) return inVain(part);
  if (status !== "200") return { ok: false, error: `HTTP ${status}` };
  const reply = /\{.*\}/.exec(part.text)?.[0];
  try {
    return { ok: true, value: parseProbe(reply ?? "") };
  } catch {
    return { ok: false, error: `unexpected answer: ${lastLine(part.text)}` };
  }
}

/** The server has read it all when it answers what comes behind it on the same connection, or all of a large request. */
function bodyOf(body: Part | undefined, headers: Part | undefined): Tried<true> | undefined {
  if (body === undefined) return undefined;
  if ((body.text.match(/HTTP\/1\.1 200/g) ?? []).length === 2) return { ok: true, value: true };
  if (headers === undefined) return inVain(body);
  return /^HTTP\/1\.\d 200/.test(headers.text) ? { ok: true, value: true } : inVain(headers);
}

function pingOf(part: Part): Tried<number> {
  const ttl = /\bttl=(\d+)/.exec(part.text)?.[1];
  if (part.code === 0 && ttl !== undefined) return { ok: true, value: Number(ttl) };
  const said = part.text.split("\n").find((line) => told.test(line));
  if (said !== undefined) return { ok: false, error: said.trim() };
  if (/not found|permission denied|Operation not permitted|applet/i.test(part.text))
    return { ok: false, error: lastLine(part.text), untried: true };
  return { ok: false, error: "no answer", silent: true };
}

/** What routers and the kernel itself say of a packet that did not pass. */
const told =
  /Frag needed|Packet too big|message too long|Time to live exceeded|Time exceeded|Hop limit|Unreachable|unreachable|Filtered/;

/** The exit codes of `timeout` when the time is over: of coreutils, and of busybox. */
const overtime = new Set([124, 143]);

function inVain({ code, text }: Part): TriedInVain {
  if (overtime.has(code)) return { ok: false, error: "no answer within 4 s", silent: true };
  if ([126, 127].includes(code)) return { ok: false, error: lastLine(text), untried: true };
  return { ok: false, error: lastLine(text) || `exit code ${code}` };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
