import { portOf, type StartContext } from "../../../lab/contract";
import { messageOf } from "../../../util/errors";
import { execTool } from "../../../util/tool";
import { waitFor } from "../../../util/wait";
import { etcdMembers } from "../model/services";

const timeoutMs = 120_000;

/** Waits for Marathon, and for Calico's datastore unless that is installed later; the hosts do the rest by themselves. */
export async function startDcos({ coe, ports, say }: StartContext): Promise<void> {
  const etcd = `http://127.0.0.1:${portOf(ports, "etcd")}`;
  const marathon = `http://127.0.0.1:${portOf(ports, "dcos")}/service/marathon/ping`;
  if (etcdMembers(coe) === undefined) {
    // The forward lets only gRPC through to etcd.
    await until(`etcd of ${coe.name} at ${etcd}`, () => unreachable(etcd), say);
  }
  await until(`Marathon of ${coe.name} at ${marathon}`, () => silence(marathon), say);
}

async function until(
  what: string,
  missing: () => Promise<string | undefined>,
  say: (message: string) => void,
): Promise<void> {
  await waitFor({ what, timeoutMs, onWait: say }, async () => {
    const seen = await missing();
    return seen === undefined ? { done: true, value: undefined } : { done: false, seen };
  });
}

/** Why calicoctl cannot read an etcd; undefined when it can. */
async function unreachable(endpoint: string): Promise<string | undefined> {
  const { code, failure, stderr } = await execTool("calicoctl", ["get", "ippools"], {
    env: { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: endpoint },
    timeoutMs: 5_000,
  });
  return code === 0 ? undefined : (failure ?? stderr.trim());
}

/** Why a URL does not answer as it should; undefined when it does. */
async function silence(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
