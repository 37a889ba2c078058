import type { AccessConfig } from "../../../config/types";
import type { CoePlan } from "../../../plan/types";
import { cniFiles } from "../../dcos/cni";

/** By kind of engine whose nodes have to be told of the container network: the files, or a comment why there are none. */
export const containerNetworks: Readonly<
  Record<string, (coe: CoePlan, access: AccessConfig) => string>
> = {
  dcos: (coe, access) => {
    if (access === "embedded") return `# ${coe.name}: embedded, the lab writes its own\n`;
    const scheme = coe.datastoreTls === true ? "https" : "http";
    const endpoints = access.etcd ?? coe.datastore?.map((member) => `${scheme}://${member}`);
    return cniFiles(coe, endpoints ?? []);
  },
  kubernetes: ({ name }) => `# ${name}: Calico's own installation writes it\n`,
};
