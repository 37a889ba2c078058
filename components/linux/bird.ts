/** BIRD's configuration on a host: judged by its own parser, swapped, read back, and put back when it is refused. */
import { messageOf, SeamlessError } from "../../util/errors";
import type { RemoteHost } from "../ask/host";
import type { Asker } from "../ask/router";
import { parseBird } from "../reflector/bird/conf";
import { withBirdPasswords } from "../reflector/bird/passwords";
import { complaint, refusal } from "../reflector/bird/said";
import { readBird } from "../reflector/bird/state";
import { differences } from "../reflector/reload";
import { putFile } from "./files";
import { hostFolder } from "./input";
import { type HostSpeaker, isOurs, needed, type SpeakerOptions, settled } from "./speaker";

/** What a host had in bird.conf before, which it gets back. */
export const birdBefore = `${hostFolder}/bird.conf.before`;

/** The daemon reads it; it may hold passwords. */
const mode = "0640";

/**
 * Brings a host's BIRD to a file.
 * @param path where BIRD has its file @param found what is there now
 * @throws SeamlessError with what BIRD has against the file, or what it has otherwise; then it works as before
 */
export async function applyBird(
  host: RemoteHost,
  { path, found }: { readonly path: string; readonly found: string | undefined },
  planned: string,
  { passwords, say, settleMs = 20_000 }: SpeakerOptions,
): Promise<void> {
  const text = withBirdPasswords(planned, passwords);
  const next = `${path}.seamless-next`;
  await putFile(host, next, text, { mode, group: "bird" });
  const judged = await host.run(["bird", "-p", "-c", next]);
  const against = complaint(judged);
  if (against !== undefined) {
    await host.need(["rm", "-f", next]);
    throw new SeamlessError(`${host.name} keeps its configuration: ${against}`);
  }
  if (found !== undefined && !isOurs(found)) await keepBefore(host, path);
  const last = `${path}.seamless-last`;
  // Until the new one has proven itself, the old one is there to go back to.
  if (found !== undefined) await host.need(["cp", "-p", path, last]);
  await host.need(["mv", next, path]);
  try {
    // A BIRD that was not ours is started anew, as it is to run from now on: none of its sessions are lost.
    if (isOurs(found)) await tell(host, path, say);
    else await startBird(host, path);
    await settled(host, birdOnHost.title, settleMs, () => wrongOn(birdOf(host), planned));
  } catch (thrown) {
    if (found === undefined) throw thrown;
    say(`${host.name}: going back to the configuration of before`);
    await host.need(["mv", last, path]);
    await tell(host, path, say);
    throw new SeamlessError(
      `${host.name} is back at its configuration of before: ${messageOf(thrown)}`,
    );
  }
  if (found !== undefined) await host.need(["rm", "-f", last]);
}

/** Kept once: what is there later is ours. */
async function keepBefore(host: RemoteHost, path: string): Promise<void> {
  const { code } = await host.run(["test", "-e", birdBefore]);
  if (code !== 0) await host.need(["cp", "-p", path, birdBefore]);
}

/** Has BIRD read its file, or starts it. @throws SeamlessError with what it says */
async function tell(host: RemoteHost, path: string, say: (message: string) => void): Promise<void> {
  const told = await host.run(["birdcl", "configure"]);
  if (told.code === 0) {
    const refused = refusal(told.stdout);
    if (refused === undefined) return;
    throw new SeamlessError(`${host.name}: BIRD refuses its configuration: ${refused}`);
  }
  say(`${host.name}: starting BIRD`);
  await startBird(host, path);
}

/**
 * Starts BIRD, by the host's own init where that is known here. With `-R` it takes over the routes that it finds in the
 * kernel of before, until its sessions are back: without it these would be gone in between (bird(8)).
 */
const start = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
user=
if id bird >/dev/null 2>&1; then user="-u bird -g bird"; fi
if [ -d /run/systemd/system ]; then
  mkdir -p /etc/systemd/system/bird.service.d
  cat >/etc/systemd/system/bird.service.d/seamless.conf <<END
# Made by seamless. The next update puts back what is changed here.
[Service]
ExecStart=
ExecStart=$(command -v bird) -f -R -c $1 $user
Restart=always
RestartSec=1
END
  systemctl daemon-reload
  systemctl enable --quiet bird.service
  systemctl reset-failed bird.service 2>/dev/null || true
  systemctl restart bird.service
elif command -v rc-service >/dev/null; then
  rc-update add bird default >/dev/null 2>&1 || true
  rc-service bird restart
else
  birdcl down >/dev/null 2>&1 || true
  tries=0
  while birdcl show status >/dev/null 2>&1 && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  bird -R -c "$1" $user
fi
`;

async function startBird(host: RemoteHost, path: string): Promise<void> {
  await host.script(start, [path]);
}

/** The daemon of a host, as what reads a reflector's BIRD asks it. */
export function birdOf(host: RemoteHost): Asker {
  return {
    ask: (args, input) => host.need(["birdcl", ...args], input === undefined ? {} : { input }),
  };
}

/** What BIRD has otherwise than its file. */
async function wrongOn(daemon: Asker, planned: string): Promise<string[]> {
  return differences(parseBird(planned), await readBird(daemon));
}

/**
 * Takes the configuration away: BIRD gets what it had before, and with our own protocols go their routes. Where BIRD was
 * not there before it is stopped.
 */
const remove = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
path=$1; before=$2
[ -e "$path" ] || exit 0
case $(head -n 1 "$path") in "# Made by seamless."*) ;; *) echo "$path is not ours any more"; exit 0 ;; esac
printf 'log syslog all;\\nprotocol device {\\n}\\n' >"$path"
birdcl configure >/dev/null 2>&1 || true
if [ -e "$before" ]; then
  mv "$before" "$path"
  birdcl configure >/dev/null 2>&1 || true
fi
if [ -e /etc/systemd/system/bird.service.d/seamless.conf ]; then
  rm -f /etc/systemd/system/bird.service.d/seamless.conf
  rmdir /etc/systemd/system/bird.service.d 2>/dev/null || true
  systemctl daemon-reload
fi
shift 2
for range in "$@"; do
  case $range in *:*) family=-6 ;; *) family=-4 ;; esac
  ip "$family" route flush proto bird root "$range" 2>/dev/null || true
done
`;

/** @param planned ranges of the plan: routes that BIRD has left in them go */
export async function removeBird(
  host: RemoteHost,
  path: string,
  planned: readonly string[],
): Promise<void> {
  await host.script(remove, [path, birdBefore, ...planned]);
}

/** Whether a bird.conf is one that a package brings: no protocol in it speaks to others. */
const speaksToOthers = /^\s*(protocol|template)\s+(bgp|ospf|rip|babel|bfd|radv)\b/m;

/** BIRD 2 on a host. */
export const birdOnHost: HostSpeaker = {
  name: "bird",
  title: "BIRD",
  daemons: ["bird"],
  program: "bird",
  // Older BIRD has none of the settings that are written: the channel's `gateway`, and `eval` of what it accepts.
  oldest: [2, 0, 8],
  version: ({ bird }) => bird,
  file({ birdFile, birdPath }) {
    if (birdFile === undefined) return { whose: "none", found: birdPath };
    if (isOurs(birdFile)) return { whose: "ours", found: birdPath };
    return speaksToOthers.test(birdFile)
      ? {
          whose: "others",
          found: `${birdPath} is somebody else's, with protocols that speak to others`,
        }
      : { whose: "idle", found: `${birdPath}, with no protocol that speaks to others` };
  },
  made: ({ protocol }) => protocol === "bird",
  async apply(host, { birdPath, birdFile }, { bird = "" }, options) {
    await applyBird(host, { path: birdPath, found: birdFile }, bird, options);
  },
  async remove(host, { birdPath }, { planned }) {
    await removeBird(host, birdPath, planned);
  },
  conf: "bird.conf",
  answers: "BIRD runs and answers birdcl",
  wrong: (ask, { bird = "" }) =>
    wrongOn({ ask: (args, text) => needed(ask(["birdcl", ...args], text)) }, bird),
};
