import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import type { ReadNodes } from "../config";
import { exitCode, SeamlessError } from "../util/errors";
import { checkoutDir } from "../util/paths";
import { rangesSchema } from "../util/ranges";

const nodesByName = z.record(
  z.string(),
  z.object({
    address: z.string(),
    address6: z.string().exactOptional(),
    role: z.string(),
    asn: z.number().exactOptional(),
    podCidr: rangesSchema.exactOptional(),
  }),
);

/** More than the client of a COE takes until it gives up. */
const timeoutMs = 60_000;

/**
 * Asks a cluster for its nodes by a process of its own: the whole program waits for them, since without nodes there is no
 * plan, and what is in it could not be exported by name.
 * @throws SeamlessError with what that process said
 */
export const readClusterNodes: ReadNodes = (coe, kind, access) => {
  const program = join(checkoutDir(), "bin", "seamless");
  const argv = [program, "internal", "cluster-nodes"];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, argv, {
    input: JSON.stringify({ coe, kind, access }),
    encoding: "utf8",
    timeout: timeoutMs,
  });
  if (status === 0) return nodesByName.parse(JSON.parse(stdout));
  const said = error?.message ?? stderr.trim().replace(/^seamless: /, "");
  throw new SeamlessError(
    `coes.${coe}.nodes: fromCluster: ${said}`,
    status === exitCode.usage ? exitCode.usage : exitCode.nothingToCheck,
  );
};
