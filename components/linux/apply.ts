/** A host that joins, and one that leaves. */
import type { RemoteHost } from "../ask/host";
import { type Passwords, redacted } from "../reflector/passwords";
import { refuseBlocking } from "../speakers/calico/inspect/finding";
import { applyBird, removeBird } from "./bird";
import { putFile } from "./files";
import { hostFindings } from "./findings";
import { applyHost, removeHost } from "./host";
import { type HostInput, hostFolder } from "./input";
import { lookAtHost, lookUnlessAway } from "./look";
import { applyNetwork, removeNetwork } from "./network";
import { installMissing, removePackages } from "./packages";

export interface ApplyOptions {
  readonly passwords: Passwords;
  readonly say: (message: string) => void;
  readonly settleMs?: number;
}

/** Packages that were installed for it, which go when the host leaves: one in each line. */
const installedFile = `${hostFolder}/installed`;

/**
 * Brings a host to the plan: packages, the network of its containers, rules, BIRD. What stands in the way is found before
 * anything is changed.
 * @returns what it has then, for people
 */
export async function applyToHost(
  host: RemoteHost,
  input: HostInput,
  { passwords, say, settleMs }: ApplyOptions,
): Promise<string> {
  const before = await lookAtHost(host);
  refuseBlocking(host.name, hostFindings(input, before));
  const installed = await installMissing(host, before);
  if (installed.length > 0) {
    say(`${host.name}: installed ${installed.join(", ")}`);
    const known = await host.run(["cat", installedFile]);
    const all = new Set([...(known.code === 0 ? known.stdout.split("\n") : []), ...installed]);
    await putFile(host, installedFile, [...all].filter(Boolean).join("\n"));
  }
  // A package brings a file of its own.
  const seen = installed.length > 0 ? await lookAtHost(host) : before;
  await applyNetwork(host, input, seen);
  await applyHost(host, input);
  await redacted(passwords, say, (say) =>
    applyBird(host, { path: seen.birdPath, found: seen.birdFile }, input.bird, {
      ...{ passwords, say },
      ...(settleMs === undefined ? {} : { settleMs }),
    }),
  );
  return `${host.name}: ${input.ranges.join(", ")} by BIRD ${seen.bird?.join(".") ?? ""}`.trim();
}

/** Takes everything away again. A host that does not answer is taken to be gone. */
export async function removeFromHost(
  host: RemoteHost,
  input: HostInput,
  say: (message: string) => void,
): Promise<void> {
  const seen = await lookUnlessAway(host, (why) =>
    say(`left as it is, if it is still there: ${why}`),
  );
  if (seen === undefined) return;
  await removeBird(host, seen.birdPath, input.planned);
  const inUse = input.containers === "own" ? [] : await removeNetwork(host, seen);
  if (inUse.length > 0)
    say(`${host.name}: Docker's network is left, for these are in it: ${inUse.join(", ")}`);
  const installed = await host.run(["cat", installedFile]);
  await removeHost(host);
  if (installed.code !== 0) return;
  await removePackages(host, seen, installed.stdout.split("\n").filter(Boolean));
}
