import { exitCode, SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { RemoteHost } from "../ask/host";
import type { NomadClient } from "./api/client";
import { type NomadNode, nodeStubs, nomadNode } from "./api/shapes";
import { leaseDir } from "./cni";

/** The CNI network of one client. */
export interface ClientNetwork {
  /** Name of the network. */
  readonly network: string;
  /** Path of its file. */
  readonly path: string;
  readonly text: string;
  /** The systemd unit of the client's agent. */
  readonly unit: string;
}

/** Which node of the cluster a client is. */
export interface ClientNode {
  readonly name: string;
  readonly address: string;
}

export interface NetworkResult {
  readonly path: string;
  /** Whether the file was there before as it is now. */
  readonly kept: boolean;
}

const readyMs = 60_000;

/**
 * $1 the file, $2 its text. The new file has another ending until it is whole: a client
 * that starts meanwhile would stop at half a file. The agent looks at its files anew on SIGHUP alone.
 */
const write = `
file=$1 text=$2
if [ -f "$file" ] && [ "$(cat "$file"; echo .)" = "$text." ]; then echo kept; exit 0; fi
mkdir -p "$(dirname "$file")"
printf %s "$text" > "$file.seamless-new"
chmod 644 "$file.seamless-new"
mv -f "$file.seamless-new" "$file"
echo written
`;

/**
 * $1 the unit, $2 the exit code where no agent runs. A unit without ExecReload, and an agent that systemd did not start,
 * are told by the signal itself.
 */
const reload = `
unit=$1 otherwise=$2
if systemctl is-active --quiet "$unit" 2>/dev/null; then
  systemctl reload "$unit" 2>/dev/null || systemctl kill --kill-who=main --signal=HUP "$unit"
elif pids=$(pidof nomad); then kill -HUP $pids
else echo "no agent runs: neither the unit $unit nor a process called nomad is there" >&2; exit "$otherwise"
fi
`;

/** $1 the file, $2 folder of leases of the network. The bridge is the host's, and goes with it. */
const remove = `
file=$1 leases=$2
used=$(ls "$leases" 2>/dev/null | grep -c '^[0-9a-fA-F.:]*$' || true)
if [ "$used" -gt 0 ]; then echo "$used"; exit 0; fi
rm -f "$file" "$file.seamless-new"
rm -rf "$leases"
rmdir "$(dirname "$leases")" "$(dirname "$(dirname "$leases")")" 2>/dev/null || true
echo removed
`;

/**
 * Gives a client its network and waits until its node offers it to jobs.
 * @throws SeamlessError where the host cannot be reached, or the client does not offer it in time
 */
export async function giveNetwork(
  host: RemoteHost,
  client: NomadClient,
  node: ClientNode,
  { network, path, text, unit }: ClientNetwork,
  say: (message: string) => void,
  timeoutMs = readyMs,
): Promise<NetworkResult> {
  const written = (await host.script(write, [path, text])).trim();
  const before = await nodeOf(client, node);
  const kept = written === "kept";
  if (!kept || !offers(before, network)) await host.script(reload, [unit, "1"]);
  await waitFor(
    {
      what: `${host.name} to offer cni/${network}`,
      ...{ timeoutMs, onWait: say },
      failure: (seconds, seen) =>
        new SeamlessError(
          `${host.name}: its client does not offer cni/${network} ${seconds} s after a reload: ${seen}; ${path} is written: look whether client.cni_config_dir is its folder, and at the agent's log for a CNI file that cannot be read`,
        ),
    },
    async () => {
      const now = await nodeOf(client, node);
      return offers(now, network)
        ? { done: true, value: undefined }
        : { done: false, seen: `it offers ${modes(now).join(", ") || "no network"}` };
    },
  );
  return { path, kept };
}

/**
 * Takes a client's network away.
 * A host that does not answer is taken to be gone.
 * @throws SeamlessError while allocations have addresses of it
 */
export async function takeNetwork(
  host: RemoteHost,
  { network, path, unit }: ClientNetwork,
  say: (message: string) => void,
): Promise<void> {
  let said: string;
  try {
    said = (await host.script(remove, [path, `${leaseDir}/${network}`])).trim();
  } catch (thrown) {
    if (!(thrown instanceof SeamlessError) || thrown.code !== exitCode.nothingToCheck) throw thrown;
    say(`left as it is, if it is still there: ${thrown.message}`);
    return;
  }
  if (said !== "removed")
    throw new SeamlessError(
      `${host.name}: allocations still have ${said} ${said === "1" ? "address" : "addresses"} of cni/${network}; stop the jobs that use this network, then try again`,
    );
  // Where no agent runs, there is nobody who would still offer it.
  await host.script(reload, [unit, "0"]);
}

function offers(node: NomadNode, network: string): boolean {
  return modes(node).includes(`cni/${network}`);
}

function modes(node: NomadNode): string[] {
  return node.NodeResources.Networks.map(({ Mode }) => Mode)
    .filter((mode) => mode !== "")
    .sort();
}

/** @throws SeamlessError where the cluster has no such node */
async function nodeOf(client: NomadClient, node: ClientNode): Promise<NomadNode> {
  const stubs = await client.get("/v1/nodes", nodeStubs);
  const found =
    stubs.find(({ Address, Status }) => Address === node.address && Status === "ready") ??
    stubs.find(({ Address, Name }) => Address === node.address || Name === node.name);
  if (found === undefined)
    throw new SeamlessError(
      `${client.url} has no client ${node.name} (${node.address}); it has ${stubs.map(({ Name, Address }) => `${Name} (${Address})`).join(", ") || "none"}`,
      exitCode.nothingToCheck,
    );
  return client.get(`/v1/node/${found.ID}`, nomadNode);
}
