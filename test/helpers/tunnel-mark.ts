import { readFileSync } from "node:fs";
import { calicoAsset } from "../../components/speakers/calico/lab/files";

/** The MTU of a route by which packets would go into a tunnel. */
export const markMtu = 1400;

/**
 * Calico's template of what BIRD gives to the kernel, for a BIRD that has no tunnels: where Calico's own fork would name the
 * tunnel's device, the route gets an MTU that no other one has.
 */
export function markedTunnels(): string {
  const path = "confd/etc/calico/confd/templates/bird_ipam.cfg.template";
  const lines = readFileSync(calicoAsset(path), "utf8").split("\n");
  const marked = lines.map((line, index) => {
    const nothing = /(then|else)$/.test(lines[index - 1]?.trim() ?? "") ? "{ }" : "";
    return line.replace(/krt_tunnel = "([^"]*)";/, (_, device: string) =>
      device === "" ? nothing : `{{if $data.ipip}}krt_mtu = ${markMtu};{{else}}${nothing}{{end}}`,
    );
  });
  if (marked.every((line, index) => line === lines[index])) throw new Error("no krt_tunnel");
  return marked.join("\n");
}
