import type { Family } from "../../util/net";

/*
 * Some shells read one byte after the other, and files of sysctl end after the first read: each value here is one digit, and
 * the status of `read` says nothing.
 */

/**
 * What every node is asked, as one program: only what a host or the speaker's own image has, and nothing that changes
 * anything. Each part begins with a line `@@ name` and ends with `@= exit code` or `@= missing`; names of parts about IPv6 begin
 * with `ipv6`.
 *
 * The first argument says whether the kernel is asked about IPv6, too. The others come in threes: FROM, TO and NEAR. The kernel is asked what it does with a packet from FROM to TO that comes
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
  cd "/proc/sys/net/$1" || return
  for file in ip_forward conf/*/forwarding conf/*/rp_filter conf/*/proxy_arp conf/*/arp_ignore conf/*/disable_ipv6; do
    [ -e "$file" ] || continue
    value=; read -r value <"$file"
    [ -z "$value" ] || printf '%s %s\\n' "$file" "$value"
  done
}
family() { case $1 in *:*) printf -- -6 ;; *) printf -- -4 ;; esac; }
part() { case $1 in *:*) printf 'ipv6 ' ;; esac; }
device() {
  set -- $(ip -o "$(family "$1")" route get "$1" 2>/dev/null)
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
# Tables of nftables, but for those that iptables keeps there and has told of itself.
nftables() {
  "$@" nft list tables 2>/dev/null | while read -r word family name; do
    case "$family $name" in
      'ip filter' | 'ip nat' | 'ip mangle' | 'ip raw' | 'ip security') there iptables-nft-save && continue ;;
      'ip6 filter' | 'ip6 nat' | 'ip6 mangle' | 'ip6 raw' | 'ip6 security') there ip6tables-nft-save && continue ;;
      'bridge '*) continue ;;
    esac
    ask "\${where}nft json $family $name" "$@" nft -j list table "$family" "$name"
    ask "\${where}nft text $family $name" "$@" nft -a list table "$family" "$name"
  done
}
inside() {
  [ -n "$2" ] || return
  ask "$(part "$1")inside $1 routes" ip netns exec "$2" ip -o "$(family "$1")" route show table all
  case $1 in *:*) tables=ip6tables ;; *) tables=iptables ;; esac
  for save in "$tables-nft-save" "$tables-legacy-save"; do
    there "$save" && ask "$(part "$1")inside $1 firewall $save" ip netns exec "$2" "$save"
  done
  where="$(part "$1")inside $1 "
  if there nft; then nftables ip netns exec "$2"; fi
}
filters() {
  tc qdisc show 2>/dev/null | while read -r word kind handle dev device rest; do
    case $kind in
      ingress) ask "filters ingress $device" tc filter show dev "$device" ingress ;;
      clsact)
        ask "filters ingress $device" tc filter show dev "$device" ingress
        ask "filters egress $device" tc filter show dev "$device" egress ;;
      htb)
        ask "filters egress $device" tc filter show dev "$device"
        ask "classes $device" tc class show dev "$device" ;;
      prio | hfsc | drr | ets | qfq) ask "filters egress $device" tc filter show dev "$device" ;;
    esac
  done
}
# Rules of iptables, and what they have called sets of addresses.
firewall() {
  there "$2" || { ask "$1" "$2"; return; }
  saved=$("$2" 2>&1)
  printf '\\n@@ %s\\n%s\\n\\n@= %s\\n' "$1" "$saved" "$?"
  case $saved in *--match-set*) rules="$rules$saved" ;; esac
}
sets() {
  [ -n "$rules" ] && there ipset || return
  for name in $(printf '%s\\n' "$rules" | sed -n 's/.*--match-set \\([^ ]*\\) .*/\\1/p' | sort -u); do
    case $name in cali[46]0*) ;; *) ask "set $name" ipset save "$name" ;; esac
  done
}
about() {
  ask "$2routes" ip -o "$1" route show table all
  ask "$2rules" ip "$1" rule show
  ask "$2neighbours" ip -o "$1" neighbour show
  ask "$2xfrm" ip -o "$1" xfrm policy show
  printf '\\n@@ %ssettings\\n' "$2"; (settings "$3"); printf '\\n@= 0\\n'
  legacy=; read -r legacy 2>/dev/null <"/proc/net/$4_tables_names"
  if there "$4tables-nft-save"; then
    firewall "$2firewall nf_tables" "$4tables-nft-save"
    [ -z "$legacy" ] || firewall "$2firewall legacy" "$4tables-legacy-save"
  else
    firewall "$2firewall $4tables" "$4tables-save"
  fi
}
# Rules about ARP, which nft tells of where it is there.
arp() {
  tables=; read -r tables 2>/dev/null </proc/net/arp_tables_names
  if [ -n "$tables" ]; then
    for save in arptables-legacy-save arptables-save; do
      there "$save" && { ask "arp" "$save"; return; }
    done
  fi
  if there arptables-nft-save && ! there nft; then ask arp arptables-nft-save; fi
}
# Numbers of the queues from which programs take packets.
queued() {
  [ -r /proc/net/netfilter/nfnetlink_queue ] || return
  printf '\\n@@ queued\\n'
  while read -r number rest; do printf '%s\\n' "$number"; done </proc/net/netfilter/nfnetlink_queue
  printf '\\n@= 0\\n'
}
ask links ip -o link show
arp
queued
rules=
about -4 '' ipv4 ip
[ "$1" = 4 ] || about -6 'ipv6 ' ipv6 ip6
shift
sets
where=
if there nft; then nftables env; fi
if there tc; then ask queues tc qdisc show; filters; fi
own=
while [ "$#" -ge 3 ]; do
  near=$(device "$3")
  if [ "$1" = "$3" ] && [ "$own" != "$1" ]; then
    own=$1; inside "$own" "$(namespace "$near")"
  fi
  ask "$(part "$1")lookup $1 $2 $near" ip -o "$(family "$1")" route get "$2" from "$1" iif "$near"
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

/** The program and its arguments. @param both whether the kernel is asked about IPv6, too */
export function kernelCommand(questions: readonly Question[], both: boolean): string[] {
  const all = questions.flatMap(({ from, to, near }) => [from, to, near]);
  return ["sh", "-c", script, "sh", both ? "46" : "4", ...all];
}

const aboutIpv4 =
  "ip route show table all, ip rule, ip link, ip neighbour, sysctl net.ipv4, iptables-save, nft, tc, ip route get";

/** What it is called in reports: nobody wants to read the script there. */
export function kernelAsked(family: Family | undefined): string {
  if (family !== 6) return aboutIpv4;
  return aboutIpv4
    .replace(/ip (route|rule|neighbour)/g, "ip -6 $1")
    .replace("ipv4", "ipv6")
    .replace("iptables", "ip6tables");
}
