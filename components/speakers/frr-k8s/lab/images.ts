import { systemTag } from "../../../../lab/images/debian";
import { link, program, textFile } from "../../../../lab/images/files";
import type { RootFilesystem } from "../../../../util/debian";
import type { ImageSpec } from "../../../../util/docker";
import { frrK8sAsset, frrK8sVersion } from "./files";

/**
 * FRR 10.3, as near to that of FRR-K8s as Debian has it, what reloads it, and what FRR's own image is started by;
 * `essential` has the reloader's bash, flock and sed.
 */
export const frrSystem: RootFilesystem = {
  name: "frr-node",
  suite: "trixie",
  variant: "essential",
  packages: ["frr", "frr-pythontools", "tini"],
};

export const frrTags = {
  /** Not upstream's name: it is another version. */
  frr: "localhost/seamless/frr:10.3",
  frrK8s: `quay.io/metallb/frr-k8s:${frrK8sVersion}`,
} as const;

/**
 * What the start script of FRR's own image does: the daemons that the file `daemons` names, watched. The files come from a
 * pod's volume, copied by the user that FRR has in its own image.
 */
const start = `#!/bin/bash
chown -R frr:frr /etc/frr
. /usr/lib/frr/frrcommon.sh
exec /usr/lib/frr/watchfrr $(daemon_list)
`;

/** FRR-K8s' images as its manifest needs them, with the programs built here; they share a file system. */
export function frrImages(): ImageSpec[] {
  const from = systemTag(frrSystem);
  return [
    {
      ...{ tag: frrTags.frr, from },
      files: [
        textFile("usr/lib/frr/docker-start", start, 0o755),
        // Not below /sbin, which is a link.
        link("usr/sbin/tini", "/usr/bin/tini"),
      ],
      instructions: ['CMD ["/usr/lib/frr/docker-start"]'],
    },
    {
      ...{ tag: frrTags.frrK8s, from },
      files: [
        program("frr-k8s", "frr-k8s"),
        program("frr-metrics", "frr-k8s-metrics"),
        program("frr-status", "frr-k8s-status"),
        program("statuscleaner", "frr-k8s-statuscleaner"),
        {
          path: "frr-reloader.sh",
          content: { from: frrK8sAsset("cmd/reloader/frr-reloader.sh") },
          mode: 0o755,
        },
      ],
      instructions: ['ENTRYPOINT ["/frr-k8s"]'],
    },
  ];
}
