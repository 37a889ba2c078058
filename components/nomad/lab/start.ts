import { portOf, type StartContext } from "../../../lab/contract";
import { messageOf } from "../../../util/errors";
import { waitFor } from "../../../util/wait";
import { NomadClient } from "../api/client";
import { stubsByName } from "../api/nodes";
import { nodeStubs } from "../api/shapes";

const timeoutMs = 120_000;
const requestMs = 5_000;

/** Waits until the server knows all clients; the hosts do the rest by themselves. */
export async function startNomad({ coe, ports, say }: StartContext): Promise<void> {
  const url = `http://127.0.0.1:${portOf(ports, "nomad")}`;
  const client = new NomadClient({ url }, requestMs);
  const wanted = Object.values(coe.nodes)
    .filter(({ role }) => role === "client")
    .map(({ name }) => name);
  const what = `the clients of ${coe.name} at ${url}`;
  await waitFor({ what, timeoutMs, onWait: say }, async () => {
    try {
      const known = stubsByName(coe, await client.get("/v1/nodes", nodeStubs));
      const missing = wanted.filter((name) => known.get(name)?.Status !== "ready");
      return missing.length === 0
        ? { done: true, value: undefined }
        : { done: false, seen: `not ready: ${missing.join(", ")}` };
    } catch (thrown) {
      return { done: false, seen: messageOf(thrown) };
    }
  });
}
