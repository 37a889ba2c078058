import { z } from "zod";
import { exitCode, SeamlessError } from "../../../util/errors";
import { isReadable } from "../../../util/urls";
import type { InspectRequest } from "../../contract/runtime";
import type { InspectionReport } from "../../speakers/calico/inspect/finding";
import { calicoPlan } from "../../speakers/calico/objects";
import { DcosSession } from "../api/session";
import { accessOf } from "../app-input";
import { readAuthority } from "../authority";
import { accessConfigOf } from "../model/config";
import { etcdUrls } from "../model/services";
import { etcdProblem } from "../model/urls";
import { inspect } from ".";

const ownFlags = z.object({
  url: z.string().optional(),
  etcd: z.array(z.string()).optional(),
});

/** The inspection of `seamless inspect`; secrets come by the environment, as those of a stack cannot be read here. */
export async function inspectDcos(request: InspectRequest): Promise<InspectionReport> {
  const { coe, plan, access } = request;
  const flags = ownFlags.parse(request.flags);
  const { url, etcd, ca, uid, allowHttp } = accessConfigOf(
    typeof access === "object" ? access : {},
  );
  const cluster = flags.url ?? url;
  const members = etcdUrls(coe);
  const etcdEndpoints = flags.etcd ?? etcd ?? members;
  if (cluster === undefined || etcdEndpoints === undefined)
    throw new SeamlessError(
      `coes.${coe.name}.access: found embedded, whose URL and etcd are outputs of its stack; needed: --url URL --etcd URL`,
      exitCode.usage,
    );
  for (const endpoint of flags.etcd ?? []) {
    const problem = etcdProblem(endpoint);
    if (problem !== undefined) throw new SeamlessError(`--etcd: ${problem}`, exitCode.usage);
  }
  const authority = ca === undefined ? {} : { ca: readAuthority(ca) };
  const who = uid === undefined ? {} : { uid };
  const asking = accessOf({ url: cluster, ...authority, ...who }, process.env);
  const login = asking.token !== undefined || asking.login !== undefined;
  const allowed = flags.url === undefined && allowHttp === true;
  if (login && isReadable(cluster) && !allowed)
    throw new SeamlessError(
      `${flags.url === undefined ? `coes.${coe.name}.access.url` : "--url"}: found ${cluster} with a login, which anyone on the path can read; allowed: https://, or access.allowHttp: true`,
      exitCode.usage,
    );
  const session = new DcosSession(asking, {
    patienceMs: 15_000,
    say: (message) => process.stderr.write(`${message}\n`),
  });
  try {
    return await inspect(session, { coe, calico: calicoPlan(plan, coe.name), etcdEndpoints });
  } catch (thrown) {
    // Whatever keeps a cluster from answering, there is nothing to compare.
    if (!(thrown instanceof SeamlessError) || thrown.code !== exitCode.operationFailed)
      throw thrown;
    throw new SeamlessError(thrown.message, exitCode.nothingToCheck, { cause: thrown });
  }
}
