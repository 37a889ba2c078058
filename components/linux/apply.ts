/** A host that joins, and one that leaves. */
import type { RemoteHost } from "../ask/host";
import { redacted } from "../reflector/passwords";
import { refuseBlocking } from "../speakers/calico/inspect/finding";
import { putFile } from "./files";
import { hostFindings } from "./findings";
import { applyHost, removeHost } from "./host";
import { type HostInput, hostFolder } from "./input";
import { lookAtHost, lookUnlessAway } from "./look";
import { applyNetwork, removeNetwork } from "./network";
import { installMissing, removePackages } from "./packages";
import { isThere, type SpeakerOptions } from "./speaker";
import { hostSpeaker, otherSpeakers } from "./speakers";

/** Packages that were installed for it, which go when the host leaves: one in each line. */
const installedFile = `${hostFolder}/installed`;

/**
 * Brings a host to the plan: packages, the network of its containers, rules, what speaks BGP. What stands in the way is found
 * before anything is changed.
 * @returns what it has then, for people
 */
export async function applyToHost(
  host: RemoteHost,
  input: HostInput,
  { passwords, say, settleMs }: SpeakerOptions,
): Promise<string> {
  const before = await lookAtHost(host);
  refuseBlocking(host.name, hostFindings(input, before));
  const speaker = hostSpeaker(input);
  const installed = await installMissing(host, before, [speaker.program, "nft"]);
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
  for (const other of otherSpeakers(input))
    if (isThere(other, seen)) {
      say(`${host.name}: ${speaker.title} comes in place of ${other.title}`);
      await other.remove(host, seen, input);
    }
  await redacted(passwords, say, (say) =>
    speaker.apply(host, seen, input, {
      ...{ passwords, say },
      ...(settleMs === undefined ? {} : { settleMs }),
    }),
  );
  const version = speaker.version(seen)?.join(".") ?? "";
  return `${host.name}: ${input.ranges.join(", ")} by ${speaker.title} ${version}`.trim();
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
  for (const one of [hostSpeaker(input), ...otherSpeakers(input)])
    if (isThere(one, seen)) await one.remove(host, seen, input);
  const inUse = input.containers === "own" ? [] : await removeNetwork(host, seen);
  if (inUse.length > 0)
    say(`${host.name}: Docker's network is left, for these are in it: ${inUse.join(", ")}`);
  const installed = await host.run(["cat", installedFile]);
  await removeHost(host);
  if (installed.code !== 0) return;
  await removePackages(host, seen, installed.stdout.split("\n").filter(Boolean));
}
