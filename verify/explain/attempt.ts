import { ask } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import { type Access, byCoe } from "../../plan/access";
import type { Plan } from "../../plan/types";
import { inNetworkOf } from "../trips/script";
import type { End, Link } from "./types";
import { nodeById } from "./way";

/** How long an answer may take, in seconds. */
const patience = 4;

/** With a port: a connection of TCP, which is closed at once. Without: an echo request. */
const script = `
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
if [ "$2" != 0 ]; then
  answer=$(timeout ${patience} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); code=$?
else
  answer=$(ping -c 1 -W ${patience} "$1" 2>&1); code=$?
fi
printf '%s\\n%s\\n' "$code" "$answer"
`;

/** What runs on a node, in the network of the end that sends. @param port 0 for an echo request */
export function attemptCommand(
  from: Pick<End, "sort" | "address">,
  to: string,
  port = 0,
): string[] {
  const argv = ["sh", "-c", script, "sh", to, String(port)];
  return from.sort === "host" ? argv : inNetworkOf(from.address ?? "", argv);
}

/**
 * Has one end speak to the other.
 * @returns undefined where nobody can: the sender's node has no shell, an end has no address, or a service was asked for without a port
 */
export async function attempt(
  plan: Plan,
  access: Access,
  from: End,
  to: End,
  port?: number,
): Promise<Link | undefined> {
  const node = nodeById(plan, from.nodes[0]);
  const shell = node === undefined ? undefined : access.coes[from.coe]?.nodes[node.name];
  if (node === undefined || shell === undefined || byCoe(shell)) return undefined;
  if (from.sort === "service" || from.address === undefined || to.address === undefined)
    return undefined;
  // Who serves a service does so by port: its address answers no echo request.
  if (to.sort === "service" && port === undefined) return undefined;
  return attemptLink(
    node.id,
    to,
    port,
    await ask(shell, node.id, attemptCommand(from, to.address, port)),
  );
}

/** @param port of TCP; undefined for an echo request */
export function attemptLink(
  at: string,
  { name, address }: Pick<End, "name" | "address">,
  port: number | undefined,
  answer: Answer<string>,
): Link {
  const what = port === undefined ? `ping of ${address}` : `TCP to ${address} port ${port}`;
  const own = { layer: "traffic", at } as const;
  if (!answer.ok) return { ...own, says: what, status: "unknown", why: answer.error };
  const [code = "", ...said] = answer.value.split("\n");
  const text = said.join("\n");
  if (code === "0")
    return {
      ...own,
      says: `${what}: ${port === undefined ? "answered" : "connected"}`,
      status: "ok",
    };
  if (notThere.test(text) || code === "127")
    return { ...own, says: what, status: "unknown", why: lastLine(text) };
  if (/refused/.test(text))
    return {
      ...{ ...own, says: `${what}: refused`, status: "broken" },
      why: `packets arrive and come back: nothing listens on that port of ${name}, or a rule there says so`,
      remedy: `start what listens on port ${port} of ${name}, or name another --port`,
    };
  const told = text
    .split("\n")
    .find((line) => /unreachable|prohibited|No route|exceeded/i.test(line));
  return {
    ...{
      ...own,
      says: `${what}: ${told === undefined ? `no answer within ${patience} s` : lastLine(told)}`,
      status: "broken",
    },
    why: unexplained,
    remedy: `tcpdump -ni any host ${address}, on ${at} and on the node of ${name}, shows where it ends`,
  };
}

/** Why there is no answer, where nothing else says it. */
export const unexplained = "none of the links that were looked at says why";

const notThere = /not found|Operation not permitted|no container with address/;

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^bash: line \d+: |^bash: /, "") ?? ""
  );
}
