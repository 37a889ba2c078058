import type { Answer } from "../../ask/types";
import type { Kubectl } from "../../cluster/verify";

/** How long an add-on may take for an answer, in seconds. */
const seconds = 8;

/** What kubectl says when the time is over: Go's net/http has a word for its own timer, and context for the request's deadline. */
const overtime = /Client\.Timeout|context deadline exceeded/;

/**
 * Asks an add-on for a path by way of the API server, which passes the question on. Where no answer comes while the API server
 * answers for itself, it is the add-on that is silent: the question was put.
 */
export async function behindApi(kubectl: Kubectl, path: string): Promise<Answer<string>> {
  const reply = await kubectl(["get", "--raw", path, `--request-timeout=${seconds}s`]);
  if (reply.ok || !overtime.test(reply.error)) return reply;
  const { ok } = await kubectl(["get", "--raw", "/livez"]);
  const error = `no answer within ${seconds} s through the API server, which answers for itself`;
  return ok ? { ok: false, asked: reply.asked, error, silent: true } : reply;
}
