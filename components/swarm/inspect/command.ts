import type { InspectRequest } from "../../contract/runtime";
import { hostFindings } from "../../linux/findings";
import { lookAtHost } from "../../linux/look";
import { hostInputOf } from "../../linux/planned";
import { type InspectionReport, inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import { onHosts } from "../docker";
import { configuredHosts } from "../hosts";
import { inspect } from ".";
import { lookOf } from "./look";

/** The inspection of `seamless inspect`: the swarm, and each node as a host that is to speak BGP. */
export async function inspectSwarm({
  coe,
  plan,
  access,
}: InspectRequest): Promise<InspectionReport> {
  const hosts = configuredHosts(coe, access);
  const speakers = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const [report, ofHosts] = await Promise.all([
    inspect(lookOf(plan, coe), onHosts(hosts.reached)),
    Promise.all(
      speakers.map(async (node) => {
        const { [node.name]: host } = hosts.reached;
        const { [node.name]: shell } = hosts.shells;
        if (host === undefined || shell === undefined) return [];
        const input = hostInputOf(plan, coe, node, shell, "own");
        const findings = hostFindings(input, await lookAtHost(host));
        return findings.map((one) => ({ ...one, id: `${node.name}/${one.id}` }));
      }),
    ),
  ]);
  return { ...report, findings: inOrderOfWeight([...report.findings, ...ofHosts.flat()]) };
}
