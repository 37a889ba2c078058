/** FRR's configuration on a host: judged by its own parsers, swapped, read back, and put back when it is refused. */
import { messageOf, SeamlessError } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import type { RemoteHost } from "../ask/host";
import type { Asker } from "../ask/router";
import { applyFrr } from "../reflector/frr/apply";
import { withFrrPasswords } from "../reflector/frr/passwords";
import { putFile } from "./files";
import { frrWrong } from "./frr-compare";
import { foreignFrr } from "./frr-file";
import { hostFolder } from "./input";
import type { HostSeen } from "./look";
import { type HostSpeaker, isOurs, needed, type SpeakerOptions, settled } from "./speaker";

const confFile = "/etc/frr/frr.conf";
const daemonsFile = "/etc/frr/daemons";

/** After `write memory` in vtysh frr.conf has no comment any more. */
function isOurFrr({ frrFile, frrDaemons }: Pick<HostSeen, "frrFile" | "frrDaemons">): boolean {
  return isOurs(frrFile) || isOurs(frrDaemons);
}

/** What a host had before, which it gets back. */
const before = {
  conf: `${hostFolder}/frr.conf.before`,
  daemons: `${hostFolder}/frr.daemons.before`,
  /** `systemctl is-active` and `is-enabled`, where systemd runs the host. */
  state: `${hostFolder}/frr.state.before`,
} as const;

/** Daemons read it; it may hold passwords. */
const mode = { mode: "0640", group: "frr" } as const;

interface FrrFiles {
  readonly conf: string;
  readonly daemons: string;
}

/**
 * Brings a host's FRR to its files.
 * @throws SeamlessError with what FRR has against them, or what it has otherwise; then it works as before
 */
async function applyFrrFiles(
  host: RemoteHost,
  { frrFile, frrDaemons }: Pick<HostSeen, "frrFile" | "frrDaemons">,
  { conf, daemons }: FrrFiles,
  { passwords, say, settleMs = 20_000 }: SpeakerOptions,
): Promise<void> {
  const text = withFrrPasswords(conf, passwords);
  const next = `${confFile}.seamless-next`;
  await putFile(host, next, text, mode);
  const against = await judge(host, next);
  if (against !== undefined) {
    await host.need(["rm", "-f", next]);
    throw new SeamlessError(`${host.name} keeps its configuration: ${against}`);
  }
  const ours = isOurFrr({ frrFile, frrDaemons });
  if (!ours) await host.script(keep, [before.conf, before.daemons, before.state]);
  // Until the new ones have proven themselves, the old ones are there to go back to.
  await host.script(copy, ["last"]);
  const sameDaemons = ours && frrDaemons === daemons.trim();
  await host.need(["mv", next, confFile]);
  if (!sameDaemons) await putFile(host, daemonsFile, daemons, mode);
  try {
    // What is new on a host is started anew, as it is to run from now on.
    if (sameDaemons) await tell(host, text, say);
    else await host.script(start);
    await settled(host, frrOnHost.title, settleMs, () => frrWrong(frrOf(host), text));
  } catch (thrown) {
    say(`${host.name}: going back to the configuration of before`);
    await host.script(copy, ["back"]);
    if (sameDaemons) await tell(host, await host.need(["cat", confFile]), say);
    else await host.script(start);
    throw new SeamlessError(
      `${host.name} is back at its configuration of before: ${messageOf(thrown)}`,
    );
  }
  await host.script(copy, ["done"]);
}

/** vtysh knows the words of all daemons, bgpd what its own mean. Lines of other daemons are none of bgpd's. */
async function judge(host: RemoteHost, path: string): Promise<string | undefined> {
  const words = await host.run(["vtysh", "-C", "-f", path]);
  return vtyshComplaint(words) ?? bgpdComplaint(await host.script(bgpdParser, [path]));
}

/** `line 13: % Unknown command[25]:  neighbor 10.1.1.1 tmers 3 9` */
const unknown = /^(line \d+: % .+)$/gm;

function vtyshComplaint({ code, stdout, stderr }: ExecResult): string | undefined {
  const said = `${stdout}\n${stderr}`.match(unknown) ?? [];
  if (said.length > 0) return said.map((line) => line.replace(/: +/g, ": ")).join("; ");
  return code === 0 ? undefined : `vtysh -C: exit code ${code}: ${stderr.trim()}`;
}

/** Without `-p 0` it would listen where the bgpd that runs does. */
const bgpdParser = `
for bgpd in /usr/lib/frr/bgpd /usr/libexec/frr/bgpd /usr/sbin/bgpd; do
  [ -x "$bgpd" ] || continue
  folder=$(mktemp -d)
  ended=0
  sed -E -e '/^ip(v6)? (route|nht) /s/^/! /' -e '/^bfd$/,/^exit$/s/^/! /' "$1" | "$bgpd" -C -S -p 0 -f /dev/stdin -i "$folder/pid" 2>&1 || ended=$?
  rm -rf "$folder"
  echo "@ $ended"
  exit 0
done
`;

/** `... [EC 100663304] No such command on config line 24:  neighbor 10.9.0.2 tmers 30 90` */
function bgpdComplaint(text: string): string | undefined {
  const said = text
    .split("\n")
    .flatMap((line) => /\[EC \d+\] (.+ on config line \d+: *.+)$/.exec(line)?.[1] ?? []);
  if (said.length > 0) return [...new Set(said)].join("; ").replace(/: +/g, ": ");
  const ended = /^@ (\d+)$/m.exec(text)?.[1];
  if (ended === undefined)
    return "no bgpd that can be run in /usr/lib/frr, /usr/libexec/frr or /usr/sbin; install the package frr once more";
  return ended === "0" ? undefined : `bgpd -C: exit code ${ended}: ${text.trim()}`;
}

/** Kept once: what is there later is ours. */
const keep = `
mkdir -p "$(dirname "$1")"
[ -e "$1" ] || [ ! -e ${confFile} ] || cp -p ${confFile} "$1"
[ -e "$2" ] || [ ! -e ${daemonsFile} ] || cp -p ${daemonsFile} "$2"
[ -e "$3" ] || [ ! -d /run/systemd/system ] || { systemctl is-active frr.service; systemctl is-enabled frr.service; } >"$3" 2>/dev/null || true
`;

/** Copies both files to go back to, goes back to them, or forgets them. */
const copy = `
for file in ${confFile} ${daemonsFile}; do
  case $1 in
    last) [ ! -e "$file" ] || cp -p "$file" "$file.seamless-last" ;;
    back) if [ -e "$file.seamless-last" ]; then mv "$file.seamless-last" "$file"; else rm -f "$file"; fi ;;
    *) rm -f "$file.seamless-last" ;;
  esac
done
`;

/** Has bgpd work as its file says, without a word about what stays as it is; or starts it. */
async function tell(host: RemoteHost, text: string, say: (message: string) => void): Promise<void> {
  const { code } = await host.run(["vtysh", "-d", "bgpd", "-c", "show version"]);
  if (code === 0) {
    await applyFrr(frrOf(host), text);
    return;
  }
  say(`${host.name}: starting FRR`);
  await host.script(start);
}

/**
 * Starts FRR's daemons by the host's own init where that is known here. They read their file when they start, and zebra
 * leaves the routes of before in the kernel until there are new ones.
 */
const start = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
if [ -d /run/systemd/system ]; then
  systemctl enable --quiet frr.service
  systemctl reset-failed frr.service 2>/dev/null || true
  systemctl restart frr.service
elif command -v rc-service >/dev/null; then
  rc-update add frr default >/dev/null 2>&1 || true
  rc-service frr restart
else
  for folder in /usr/lib/frr /usr/libexec/frr; do
    [ ! -x "$folder/frrinit.sh" ] || { "$folder/frrinit.sh" restart; break; }
  done
fi
`;

/** Standard input may be a socket, such as sshd's, which no path leads to. */
const piped = ["sh", "-c", 'cat | vtysh "$@"', "sh"];

/** What asks a host's FRR; see {@link Asker}. */
function vtysh(args: readonly string[], input: string | undefined): readonly string[] {
  return input === undefined ? ["vtysh", ...args] : [...piped, ...args];
}

/** The daemons of a host, as what reads a reflector's FRR asks them. */
function frrOf(host: RemoteHost): Asker {
  return {
    ask: (args, input) => host.need(vtysh(args, input), input === undefined ? {} : { input }),
  };
}

/** FRR gets what it had before, and with our own router go its routes. Where it did not run before it is stopped. */
const remove = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
conf=$1; daemons=$2; state=$3
shift 3
asn=$(sed -n 's/^router bgp //p' ${confFile} | head -n 1)
[ -z "$asn" ] || vtysh -c 'configure terminal' -c "no router bgp $asn" >/dev/null 2>&1 || true
rm -f ${confFile} ${daemonsFile} ${confFile}.seamless-* ${daemonsFile}.seamless-*
# What write memory has kept of ours, with passwords.
case $(head -n 1 ${confFile}.sav 2>/dev/null) in "! Made by seamless."*) rm -f ${confFile}.sav ;; esac
[ ! -e "$conf" ] || mv "$conf" ${confFile}
[ ! -e "$daemons" ] || mv "$daemons" ${daemonsFile}
if [ -d /run/systemd/system ]; then
  systemctl reset-failed frr.service 2>/dev/null || true
  if grep -q '^active' "$state" 2>/dev/null; then systemctl restart frr.service || true; else systemctl stop frr.service || true; fi
  if grep -q '^disabled' "$state" 2>/dev/null; then systemctl disable --quiet frr.service || true; fi
elif command -v rc-service >/dev/null; then
  rc-service frr restart >/dev/null 2>&1 || true
else
  for folder in /usr/lib/frr /usr/libexec/frr; do
    [ ! -x "$folder/frrinit.sh" ] || { "$folder/frrinit.sh" stop || true; break; }
  done
fi
rm -f "$state"
for range in "$@"; do
  case $range in *:*) family=-6 ;; *) family=-4 ;; esac
  # 186 is what zebra installs of BGP, 196 what it installs of staticd.
  for proto in 186 196; do ip "$family" route flush proto "$proto" root "$range" 2>/dev/null || true; done
done
`;

/** FRR on a host. */
export const frrOnHost: HostSpeaker = {
  name: "frr",
  title: "FRR",
  daemons: ["bgpd"],
  program: "vtysh",
  // The oldest that was tried.
  oldest: [8, 4],
  version: ({ frr }) => frr,
  file: ({ frrFile, frrDaemons }) => {
    if (frrFile === undefined) return { whose: "none", found: confFile };
    if (isOurFrr({ frrFile, frrDaemons })) return { whose: "ours", found: confFile };
    const foreign = foreignFrr(frrFile, frrDaemons ?? "");
    return foreign === undefined
      ? { whose: "idle", found: `${confFile}, with nothing of its own` }
      : { whose: "others", found: `${confFile} is somebody else's: ${foreign}` };
  },
  made: ({ prefix, device, protocol }, { ranges }) =>
    protocol === "bgp" || (device === "" && ranges.includes(prefix)),
  async apply(host, seen, { frr }, options) {
    if (frr !== undefined) await applyFrrFiles(host, seen, frr, options);
  },
  async remove(host, _seen, { planned }) {
    await host.script(remove, [before.conf, before.daemons, before.state, ...planned]);
  },
  conf: "frr.conf",
  answers: "bgpd runs and answers vtysh",
  wrong: (ask, { frr = { conf: "", daemons: "" } }) =>
    frrWrong({ ask: (args, text) => needed(ask(vtysh(args, text), text)) }, frr.conf),
};
