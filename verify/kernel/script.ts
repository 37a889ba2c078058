/*
 * Some shells read one byte after the other, and files of sysctl end after the first read: each value here is one digit, and
 * the status of `read` says nothing.
 */

/**
 * What every node is asked, as one program: only what a host or the speaker's own image has, and nothing that changes
 * anything. Each part begins with a line `@@ name` and ends with `@= exit code` or `@= missing`.
 *
 * Its arguments come in threes: FROM, TO and NEAR. The kernel is asked what it does with a packet from FROM to TO that comes
 * in by the device that leads to NEAR. A FROM that is NEAR is a container of the node: what it does by itself is asked, too, where
 * its network namespace has a name there.
 */
const script = `
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
there() { command -v "$1" >/dev/null 2>&1; }
ask() {
  printf '\\n@@ %s\\n' "$1"; shift
  there "$1" || { printf '\\n@= missing\\n'; return; }
  "$@" 2>&1; printf '\\n@= %s\\n' "$?"
}
settings() {
  cd /proc/sys/net/ipv4 || return
  for file in ip_forward conf/*/forwarding conf/*/rp_filter conf/*/proxy_arp; do
    value=; read -r value <"$file"
    [ -z "$value" ] || printf '%s %s\\n' "$file" "$value"
  done
}
device() {
  set -- $(ip -o -4 route get "$1" 2>/dev/null)
  while [ "$#" -gt 1 ]; do
    [ "$1" = dev ] && { printf '%s' "$2"; return; }
    shift
  done
}
namespace() {
  set -- $(ip -o link show dev "$1" 2>/dev/null)
  while [ "$#" -gt 1 ]; do
    [ "$1" = link-netns ] && { printf '%s' "$2"; return; }
    shift
  done
}
inside() {
  [ -n "$2" ] || return
  ask "inside $1 routes" ip netns exec "$2" ip -o -4 route show table all
  for save in iptables-nft-save iptables-legacy-save; do
    there "$save" && ask "inside $1 firewall $save" ip netns exec "$2" "$save"
  done
}
filters() {
  tc qdisc show 2>/dev/null | while read -r word kind handle dev device rest; do
    case $kind in
      ingress) ask "filters ingress $device" tc filter show dev "$device" ingress ;;
      clsact)
        ask "filters ingress $device" tc filter show dev "$device" ingress
        ask "filters egress $device" tc filter show dev "$device" egress ;;
      htb | prio | hfsc | drr | ets | qfq) ask "filters egress $device" tc filter show dev "$device" ;;
    esac
  done
}
ask routes ip -o -4 route show table all
ask rules ip -4 rule show
ask links ip -o link show
ask neighbours ip -o -4 neighbour show nud permanent
printf '\\n@@ settings\\n'; (settings); printf '\\n@= 0\\n'
legacy=; read -r legacy 2>/dev/null </proc/net/ip_tables_names
if there iptables-nft-save; then
  ask 'firewall nf_tables' iptables-nft-save
  [ -z "$legacy" ] || ask 'firewall legacy' iptables-legacy-save
else
  ask 'firewall iptables' iptables-save
fi
if there tc; then ask queues tc qdisc show; filters; fi
own=
while [ "$#" -ge 3 ]; do
  near=$(device "$3")
  if [ "$1" = "$3" ] && [ "$own" != "$1" ]; then
    own=$1; inside "$own" "$(namespace "$near")"
  fi
  ask "lookup $1 $2 $near" ip -o -4 route get "$2" from "$1" iif "$near"
  shift 3
done
exit 0
`;

/** A packet whose way a kernel is asked for. */
export interface Question {
  readonly from: string;
  readonly to: string;
  /** The kernel reaches it by the device by which the packet comes in. */
  readonly near: string;
}

/** The program and its arguments. */
export function kernelCommand(questions: readonly Question[]): string[] {
  const all = questions.flatMap(({ from, to, near }) => [from, to, near]);
  return ["sh", "-c", script, "sh", ...all];
}

/** What it is called in reports: nobody wants to read the script there. */
export const kernelAsked =
  "ip route show table all, ip rule, ip link, ip neighbour, sysctl net.ipv4, iptables-save, tc, ip route get";
