import { z } from "zod";
import { remoteHost } from "../../ask/host";
import type { InspectRequest } from "../../contract/runtime";
import { hostFindings } from "../../linux/findings";
import { lookUnlessAway } from "../../linux/look";
import { hostInputOf } from "../../linux/planned";
import {
  type Finding,
  type InspectionReport,
  inOrderOfWeight,
} from "../../speakers/calico/inspect/finding";
import { NomadClient } from "../api/client";
import { configuredAccess, configuredShells } from "../hosts";
import { inspectNomad } from "./look";

const ownFlags = z.object({ nomad: z.string().optional() });

/** The inspection of `seamless inspect`; the token comes by the environment, as secrets of a stack cannot be read here. */
export async function inspectCommand(request: InspectRequest): Promise<InspectionReport> {
  const { coe, access } = request;
  const flags = ownFlags.parse(request.flags);
  const asking = configuredAccess(coe, access, process.env, flags.nomad);
  const shells = configuredShells(coe, access, process.env);
  const hosts = Object.fromEntries(
    Object.entries(shells).map(([name, shell]) => [
      name,
      remoteHost(coe.nodes[name]?.id ?? name, shell),
    ]),
  );
  const report = await inspectNomad(new NomadClient(asking), coe, hosts);
  const own = await Promise.all(
    Object.entries(shells).map(async ([name, shell]): Promise<Finding[]> => {
      const [host, node] = [hosts[name], coe.nodes[name]];
      if (host === undefined || node === undefined) return [];
      // A host that does not answer is told already.
      const seen = await lookUnlessAway(host, () => undefined);
      if (seen === undefined) return [];
      const found = hostFindings(hostInputOf(request.plan, coe, node, shell, "none"), seen);
      return found.map((one) => ({ ...one, id: `${name}/${one.id}` }));
    }),
  );
  return { ...report, findings: inOrderOfWeight([...report.findings, ...own.flat()]) };
}
