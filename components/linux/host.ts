/** What a host does at boot, and whenever Docker or a firewall has started: forwarding, our rules, the bridge. */
import { addressAt, hostOf, prefix } from "../../util/net";
import type { RemoteHost } from "../ask/host";
import { putFile } from "./files";
import { bridgeDevice, type HostInput, hostFolder, makesBridge } from "./input";

const scriptFile = `${hostFolder}/host.sh`;
const unitName = "seamless-host.service";
const unitFile = `/etc/systemd/system/${unitName}`;
const comment = "seamless: containers of the plan";

/**
 * Reads the host's own ranges from a file beside it: `<range> <gateway>` in each line, with a dash where Docker has the
 * bridge. It changes nothing where everything is there. `stop` takes all of it away.
 */
const hostScript = `#!/bin/sh
# Made by seamless. The next update puts back what is changed here.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
cd ${hostFolder}
rule() {
  "$tables" -w "$1" "$chain" "$end" "$range" -m comment --comment "${comment}" -j ACCEPT 2>/dev/null
}
accept() {
  for chain in DOCKER-USER FORWARD; do
    "$tables" -w -n -L "$chain" >/dev/null 2>&1 || continue
    for end in -s -d; do
      case $action in
        stop) while rule -D; do :; done ;;
        *) rule -C || rule -I ;;
      esac
    done
    [ "$action" = stop ] || break
  done
}
action=\${1:-start}
if [ "$action" = stop ]; then
  nft delete table inet seamless 2>/dev/null || true
else
  nft -f firewall.nft
fi
while read -r range gateway; do
  case $range in
    *:*) tables=ip6tables; [ "$action" = stop ] || echo 1 >/proc/sys/net/ipv6/conf/all/forwarding ;;
    *) tables=iptables; [ "$action" = stop ] || echo 1 >/proc/sys/net/ipv4/ip_forward ;;
  esac
  ! command -v "$tables" >/dev/null || accept
  [ "$gateway" != - ] || continue
  if [ "$action" = stop ]; then
    ip link delete ${bridgeDevice} 2>/dev/null || true
  else
    ip link show dev ${bridgeDevice} >/dev/null 2>&1 || ip link add ${bridgeDevice} type bridge
    ip link set ${bridgeDevice} up
    # A host whose new devices have no IPv6 by default, as Docker has it in containers.
    case $range in *:*) echo 0 >/proc/sys/net/ipv6/conf/${bridgeDevice}/disable_ipv6 ;; esac
    ip address replace "$gateway" dev ${bridgeDevice}
  fi
done <ranges
`;

const unit = `# Made by seamless. The next update puts back what is changed here.
[Unit]
Description=Routes and rules for containers of this host (seamless)
After=network-online.target docker.service nftables.service firewalld.service
PartOf=docker.service nftables.service firewalld.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${scriptFile} start

[Install]
WantedBy=multi-user.target docker.service nftables.service firewalld.service
`;

/** The address of the host on its bridge, with the length of the range. */
export function gatewayOf(range: string): string {
  return `${addressAt(range, 1)}/${prefix(range).length}`;
}

function rangesFile(input: HostInput): string {
  const gateway = (range: string) => (makesBridge(input) ? gatewayOf(range) : "-");
  return input.ranges.map((range) => `${range} ${gateway(range)}\n`).join("");
}

/** Puts the script in place and runs it, by systemd where that runs the host. */
const enable = `
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable --quiet ${unitName}
  systemctl restart ${unitName}
else
  rm -f ${unitFile}
  sh ${scriptFile} start
fi
`;

/** @throws SeamlessError with what the host says against it */
export async function applyHost(host: RemoteHost, input: HostInput): Promise<void> {
  await putFile(host, `${hostFolder}/firewall.nft`, input.firewall);
  await putFile(host, `${hostFolder}/ranges`, rangesFile(input));
  await putFile(host, scriptFile, hostScript, { mode: "0755" });
  await putFile(host, unitFile, unit);
  await host.script(enable);
}

const disable = `
if [ -e ${scriptFile} ]; then sh ${scriptFile} stop; fi
if [ -d /run/systemd/system ]; then
  systemctl disable --quiet ${unitName} 2>/dev/null || true
  systemctl stop ${unitName} 2>/dev/null || true
fi
rm -f ${unitFile}
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
rm -rf ${hostFolder}
`;

export async function removeHost(host: RemoteHost): Promise<void> {
  await host.script(disable);
}

/** The rules that let packets past those of others, as `iptables -S` lists them. */
export function acceptRules(chain: string, range: string): string[] {
  const text = hostOf(range) ?? range;
  return ["-d", "-s"].map(
    (end) => `-A ${chain} ${end} ${text} -m comment --comment "${comment}" -j ACCEPT`,
  );
}
