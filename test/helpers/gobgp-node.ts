import { seedVolume } from "../../components/reflector/container";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpTag } from "../../components/reflector/gobgp/image";
import type { TestDocker } from "./dockerd";

/** A node as a BGP speaker of the network `nodes`. */
export interface GobgpNode {
  /** Of its container. */
  readonly name: string;
  readonly address: string;
  /** Default: the reflector's. */
  readonly asn?: number;
}

/** A node's gobgpd with graceful restart, as Calico's BIRD has it; its only neighbour is a reflector in AS 64511. */
const nodeFile = (address: string, asn: number, reflector: string) => `[global.config]
as = ${asn}
router-id = "${address}"
local-address-list = [ "${address}" ]
[[neighbors]]
[neighbors.config]
neighbor-address = "${reflector}"
peer-as = 64511
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
[neighbors.graceful-restart.config]
enabled = true
restart-time = 120
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true
`;

/** Starts a node's gobgpd in a container. */
export async function startGobgpNode(
  daemon: TestDocker,
  { name, address, asn = 64511 }: GobgpNode,
  reflector: string,
): Promise<void> {
  await daemon.docker("volume", "create", name);
  const access = { dockerHost: daemon.host };
  await seedVolume(gobgp, access, gobgpTag, name, nodeFile(address, asn, reflector));
  const place = ["--network", "nodes", "--ip", address, "--volume", `${name}:/etc/gobgp`];
  const argv = ["gobgpd", "-t", "toml", "-f", "/etc/gobgp/gobgpd.toml", "-r"];
  await daemon.docker("run", "--detach", "--name", name, ...place, gobgpTag, ...argv);
}
