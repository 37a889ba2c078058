/** Looks at all hosts of a COE before they join. */
import { exitCode, SeamlessError } from "../../util/errors";
import { remoteHost } from "../ask/host";
import type { InspectRequest } from "../contract/runtime";
import { hostFindings } from "../linux/findings";
import { lookAtHost } from "../linux/look";
import { sshOf } from "../linux/model";
import { hostInputOf } from "../linux/planned";
import { sshShellOf } from "../linux/shell";
import type { InspectionReport } from "../speakers/calico/inspect/finding";
import { containersOf } from "./model/plan";

/** @throws SeamlessError when one does not answer */
export async function inspectHosts({
  coe,
  plan,
  access,
}: InspectRequest): Promise<InspectionReport> {
  const ssh = typeof access === "object" ? sshOf(access) : undefined;
  if (ssh === undefined)
    throw new SeamlessError(
      `coes.${coe.name}.access.ssh: missing; its hosts are reached by it`,
      exitCode.usage,
    );
  const { SEAMLESS_SSH_KEY: key } = process.env;
  const hosts = await Promise.all(
    Object.values(coe.nodes)
      .filter(({ speaker }) => speaker)
      .map(async (node) => {
        const shell = { ...sshShellOf(ssh, node), ...(key === undefined ? {} : { key }) };
        const seen = await lookAtHost(remoteHost(node.id, shell));
        const input = hostInputOf(plan, coe, node, shell, containersOf(coe));
        return { node, seen, findings: hostFindings(input, seen) };
      }),
  );
  const titles = [...new Set(hosts.map(({ seen }) => seen.title))].join(", ");
  return {
    about: `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}: ${titles}`,
    seen: Object.fromEntries(hosts.map(({ node, seen }) => [node.name, seen])),
    findings: hosts.flatMap(({ node, findings }) =>
      findings.map((one) => ({ ...one, id: `${node.name}/${one.id}` })),
    ),
  };
}
