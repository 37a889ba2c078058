import { link, textFile } from "../../../../lab/images/files";
import type { ImageFile } from "../../../../util/docker";
import { assetFiles, confdFiles } from "./files";

/** What the start script of Calico's own image does, on a host: prepare the node, then run its parts under runit. */
const startCalicoNode = `#!/bin/sh
set -e
# Calico would wait, too, but look ever more seldom: when etcd is installed late, for two minutes after it is there.
if [ "$DATASTORE_TYPE" = etcdv3 ]; then
  until for endpoint in $(echo "$ETCD_ENDPOINTS" | tr , ' '); do
    curl -sf -m 2 -o /dev/null "$endpoint/health" && break
  done; do sleep 1; done
fi
rm -rf /etc/service/enabled
mkdir -p /var/run/calico /var/log/calico/cni /var/lib/calico
/usr/local/lib/calico/rc.local
# Tells the Kubernetes API that the node is up; without one it would only fail, again and again.
if [ "$DATASTORE_TYPE" = etcdv3 ]; then rm -rf /etc/service/enabled/complete-startup; fi
NODENAME=$(cat /var/lib/calico/nodename)
export NODENAME
exec runsvdir -P /etc/service/enabled
`;

/** What a host has of Calico where calico-node is a service of the host's own, not a pod. */
export function calicoHostFiles(): ImageFile[] {
  return [
    ...confdFiles("etc/calico/confd"),
    ...assetFiles("node/filesystem/etc/service", "etc/service"),
    ...assetFiles("node/filesystem/etc/calico", "etc/calico"),
    // Not /etc/rc.local: systemd would run it at boot.
    ...assetFiles("node/filesystem/etc", "usr/local/lib/calico")
      .filter((file) => file.path.endsWith("/rc.local"))
      .map((file) => ({ ...file, mode: 0o755 })),
    textFile("usr/local/sbin/start-calico-node", startCalicoNode, 0o755),
    // Calico's health check calls BIRD's client by the name of its own build.
    link("usr/bin/birdcl", "/usr/sbin/birdc"),
  ];
}

/** What Debian packages that needs, and which of their units are not to start by themselves. */
export const calicoHost = {
  packages: ["bird", "runit"],
  masked: ["bird.service", "bird6.service", "runit.service"],
  programs: ["calico-node", "calicoctl"],
} as const;
