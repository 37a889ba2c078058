/*
 * What a container does to try its way to others: it asks their servers for a page, sends them 64 KiB, and pings them with
 * packets that may not be cut and with packets that may pass only so many routers. It runs in the container, with what
 * busybox has, or in the container's network with the tools of its node.
 */

/** Finds the network namespace that holds the address given as $1, and runs the rest of the arguments in it. */
const inside = `
address=$1; shift
for ns in /var/run/netns/* /var/run/*/isolators/network/cni/*/ns /var/run/docker/netns/*; do
  [ -e "$ns" ] || continue
  if nsenter --net="$ns" ip -o address show 2>/dev/null | grep -qF " $address/"; then
    exec nsenter --net="$ns" "$@"
  fi
done
echo "no container with address $address" >&2
exit 1
`;

/**
 * The arguments come in fours: ADDRESS, PORT, how many routers are on the way (0: not known), and whether only the page is
 * asked for. Each answer is printed at once, so that trips that are made at the same time do not mix. The parts of a trip
 * are tried beside each other: where all is dropped, the trip takes as long as the longest of them.
 *
 * A server that answers before it has read everything says with the answer to a second request on the same connection that it
 * has. One that closes the connection after the first, as busybox does, gets header lines, of which it takes 32 KiB.
 */
const trips = `
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
box=; [ -x /bin/busybox ] && box=/bin/busybox
if [ -n "$box" ] && [ -z "$ON_NODE" ]; then
  talk() { $box timeout 4 $box nc "$1" "$2"; }
  whole=
else
  box=; whole='-M do'
  talk() { timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1" && { cat <&0 >&3 & } && cat <&3' "$1" "$2"; }
fi
host() { case $1 in *:*) printf '[%s]' "$1" ;; *) printf '%s' "$1" ;; esac; }
# Its own header, and that of ICMP.
header() { case $1 in *:*) printf 48 ;; *) printf 28 ;; esac; }
page() { printf 'GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$(host "$1")"; }
body() {
  printf 'POST / HTTP/1.1\\r\\nHost: %s\\r\\nContent-Length: 65536\\r\\n\\r\\n' "$(host "$1")"
  $box head -c 65536 /dev/zero
  page "$1"
}
headers() {
  printf 'GET / HTTP/1.0\\r\\n'
  count=0; line=$($box printf '%01000d' 0)
  while [ "$count" -lt 30 ]; do printf 'X-Fill: %s\\r\\n' "$line"; count=$((count + 1)); done
  printf '\\r\\n'
}
said() { printf '@- %s %s\\n%s\\n' "$1" "$2" "$3"; }
mtu() {
  set -- $($box ip link show dev "$1" 2>/dev/null)
  while [ "$#" -gt 1 ]; do [ "$1" = mtu ] && { printf '%s' "$2"; return; }; shift; done
}
device() {
  set -- $($box ip route get "$1" 2>/dev/null)
  while [ "$#" -gt 1 ]; do [ "$1" = dev ] && { printf '%s' "$2"; return; }; shift; done
}
trip() {
  printf '@@ %s\\n' "$1"
  { answer=$(page "$1" | talk "$1" "$2" 2>&1); said page "$?" "$answer"; } &
  if [ "$4" != page ]; then
    { answer=$(body "$1" | talk "$1" "$2" 2>&1); said body "$?" "$answer"
      case $answer in
        *HTTP/1.1*HTTP/1.1*) ;;
        *HTTP/1.*) answer=$(headers | talk "$1" "$2" 2>&1); said headers "$?" "$answer" ;;
      esac; } &
    if [ "$3" -gt 0 ]; then
      { answer=$($box ping -c 1 -W 2 -t "$(($3 + 1))" "$1" 2>&1); said straight "$?" "$answer"; } &
    fi
    size=$(mtu "$(device "$1")"); said mtu 0 "$size"
    answer=$($box ping -c 1 -W 2 $whole -s "$((size - $(header "$1")))" "$1" 2>&1); said whole "$?" "$answer"
  fi
  wait
}
while [ "$#" -ge 4 ]; do
  { answer=$(trip "$1" "$2" "$3" "$4"); printf '%s\\n' "$answer"; } &
  shift 4
done
wait
`;

/** A server to go to. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** How many routers the plan has on the way; absent where it does not say. */
  readonly routers?: number;
  /** The policy keeps the container out: only the page is asked for. */
  readonly closed: boolean;
}

function words(targets: readonly Target[]): string[] {
  return targets.flatMap(({ address, port, routers = 0, closed }) => [
    ...[address, String(port), String(routers), closed ? "page" : "all"],
  ]);
}

/** What runs on the node of a container, in that container's network. */
export function onNode(from: string, targets: readonly Target[]): string[] {
  return inNetworkOf(from, ["env", "ON_NODE=1", "sh", "-c", trips, "sh", ...words(targets)]);
}

/** Runs a program of the node in the network of the container that has an address. */
export function inNetworkOf(address: string, argv: readonly string[]): string[] {
  return ["sh", "-c", inside, "sh", address, ...argv];
}

/** What runs in a container that has busybox. */
export function inContainer(targets: readonly Target[]): string[] {
  return ["/bin/busybox", "sh", "-c", trips, "sh", ...words(targets)];
}
