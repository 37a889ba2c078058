import type { StartEngine } from "../../../lab/start";
import { etcdMembers } from "../../../plan/services";
import { messageOf } from "../../../util/errors";
import { waitFor } from "../../../util/wait";

const timeoutMs = 120_000;

/** Waits for Marathon, and for Calico's datastore unless that is installed later; the hosts do the rest by themselves. */
export const startDcos: StartEngine = async ({ coe, ports, say }) => {
  const questions = {
    ...(etcdMembers(coe) === undefined ? { etcd: `http://127.0.0.1:${ports.etcd}/health` } : {}),
    Marathon: `http://127.0.0.1:${ports.dcos}/service/marathon/ping`,
  };
  for (const [what, url] of Object.entries(questions)) {
    await waitFor(
      { what: `${what} of ${coe.name} at ${url}`, timeoutMs, onWait: say },
      async () => {
        try {
          const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
          if (response.ok) return { done: true, value: undefined };
          return { done: false, seen: `HTTP ${response.status}` };
        } catch (thrown) {
          return { done: false, seen: messageOf(thrown) };
        }
      },
    );
  }
};
