/*
 * Where the two ends of a session do not have the same password (TCP MD5, RFC 2385), the kernels drop what comes without a word to
 * the daemons, which say Active for ever. The kernels count what they drop.
 */
import type { Answer } from "../components/ask/types";
import type { SessionPlan } from "../plan/types";
import { parseAddress } from "../util/net";

/** How many packets a kernel dropped while it was looked at, by the reason. */
export interface Dropped {
  /** Without a signature, where the host has a password: `TCPMD5NotFound`. */
  readonly unsigned: number;
  /** With a signature, where the host has no password: `TCPMD5Unexpected`. */
  readonly unexpected: number;
  /** With a signature by another password: `TCPMD5Failure`. */
  readonly different: number;
}

/**
 * Looks at the counters twice, as soon as one has grown or so many seconds later. It does not wait at all where each address that
 * is given to it, as /proc/net/tcp writes it, has a connection.
 */
const script = `
counters() {
  names=
  while read -r word rest; do
    [ "$word" = TcpExt: ] || continue
    if [ -z "$names" ]; then names=$rest; continue; fi
    set -- $rest
    for name in $names; do
      case $name in TCPMD5*) printf '%s %s\\n' "$name" "$1" ;; esac
      shift
    done
  done </proc/net/netstat
}
connected() {
  for address in $remotes; do
    found=
    for table in /proc/net/tcp /proc/net/tcp6; do
      [ -r "$table" ] || continue
      while read -r slot local remote state rest; do
        case $state/$remote in 01/*"$address":*) found=yes ;; esac
      done <"$table"
    done
    [ -n "$found" ] || return 1
  done
}
remotes=$*
before=$(counters)
left=10
while ! connected && [ "$left" -gt 0 ] && [ "$(counters)" = "$before" ]; do
  sleep 1
  left=$((left - 1))
done
printf '%s\\n--\\n' "$before"
counters
exit 0
`;

/** The program, and the far ends of a node's sessions as its arguments. */
export function signaturesCommand(addresses: readonly string[]): string[] {
  return ["sh", "-c", script, "sh", ...addresses.map(hexOf)];
}

/** What it is called in reports. */
export const signaturesAsked = "grep TCPMD5 in /proc/net/netstat";

/** An address as /proc/net/tcp writes it: words of four bytes, each with the last byte first. */
function hexOf(address: string): string {
  const parsed = parseAddress(address);
  const bits = parsed?.family === 6 ? 128 : 32;
  const digits = (parsed?.value ?? 0n)
    .toString(16)
    .padStart(bits / 4, "0")
    .toUpperCase();
  const words = digits.match(/.{8}/g) ?? [];
  return words.map((word) => (word.match(/../g) ?? []).reverse().join("")).join("");
}

/** Reads what the program printed. @throws Error when it is something else */
export function parseSignatures(text: string): Dropped {
  const [before, after] = text.split(/^--$/m).map(countersIn);
  if (before === undefined || after === undefined || after.size === 0)
    throw new Error("no counters of TCP MD5");
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return {
    unsigned: grown("TCPMD5NotFound"),
    unexpected: grown("TCPMD5Unexpected"),
    different: grown("TCPMD5Failure"),
  };
}

function countersIn(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...text.matchAll(/^(TCPMD5\w+) (\d+)$/gm)].map(([, name = "", count]) => [
      name,
      Number(count),
    ]),
  );
}

/** What the kernel of a session's node says of a session that is down. */
export interface SignatureFault {
  readonly found: string;
  readonly cause: string;
}

/** @param answer of the node that is the end `b` */
export function signatureFault(
  { a, b, password }: SessionPlan,
  answer: Answer<Dropped> | undefined,
): SignatureFault | undefined {
  if (answer?.ok !== true) return undefined;
  const { unsigned, unexpected, different } = answer.value;
  const dropped = (counter: string) => `the kernel of ${b.id} drops its packets (${counter} grows)`;
  const setting = `seamless:bgpPasswords.${password}`;
  if (different > 0)
    return {
      found: `${a.id} and ${b.id} have different passwords`,
      cause: `${a.id} and ${b.id} have different passwords of ${setting}: ${dropped("TCPMD5Failure")}`,
    };
  if (unexpected > 0)
    return {
      found: `${b.id} has no password`,
      cause: `${b.id} has not the password of ${setting}, which ${a.id} has: ${dropped("TCPMD5Unexpected")}`,
    };
  if (unsigned > 0)
    return {
      found: `${a.id} has no password`,
      cause: `${a.id} has not the password of ${setting}, which ${b.id} has: ${dropped("TCPMD5NotFound")}`,
    };
  return undefined;
}
