/**
 * Joining a swarm by the API of the node's own daemon: Docker's command line takes the token as an argument, which everybody on
 * the machine can read.
 */
import { describeFailure, type ExecResult } from "../../../util/exec";

/** What runs on the node; it gets {@link joinRequest} on standard input, and prints the status behind the answer. */
export const joinCommand: readonly string[] = [
  ...["curl", "--silent", "--show-error", "--unix-socket", "/var/run/docker.sock"],
  ...["--header", "Content-Type: application/json", "--data-binary", "@-"],
  ...["--write-out", "\n%{http_code}", "http://docker/swarm/join"],
];

/** Body of `POST /swarm/join`. @param manager its address */
export function joinRequest(address: string, manager: string, token: string): string {
  return JSON.stringify({
    ListenAddr: "0.0.0.0:2377",
    AdvertiseAddr: address,
    RemoteAddrs: [`${manager}:2377`],
    JoinToken: token,
  });
}

/** Why the node has not joined; undefined where it has. */
export function joinFault(result: ExecResult): string | undefined {
  if (result.code !== 0) return describeFailure(joinCommand.slice(0, 1), result);
  const lines = result.stdout.trim().split("\n");
  const status = lines.pop();
  return status === "200" ? undefined : `HTTP ${status}: ${lines.join(" ")}`;
}
