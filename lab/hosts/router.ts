import { dockerEnv } from "../../util/docker-host";
import { exec } from "../../util/exec";
import { waitFor } from "../../util/wait";
import type { LabRouters } from "../contract";
import { machineNames } from "../machine/names";
import { routerContainer } from "../names";

const bootMs = 120_000;

/** Waits until a router has booted and has what its owner gives it. @throws SeamlessError when it does not come to that */
export async function routerUp(
  lab: string,
  name: string,
  kind: string,
  kinds: LabRouters,
  say: (message: string) => void,
): Promise<void> {
  const unit = kinds[kind]?.unit;
  if (unit === undefined) throw new Error(`the lab makes no router of kind ${kind}`);
  const env = dockerEnv(machineNames(lab));
  const argv = ["docker", "exec", routerContainer(lab, name), "systemctl", "is-active", unit];
  const what = `${unit} of ${name}`;
  await waitFor({ what, timeoutMs: bootMs, onWait: say }, async () => {
    const { code, stdout, stderr } = await exec(argv, { env });
    return code === 0
      ? { done: true, value: undefined }
      : { done: false, seen: (stdout.trim() || stderr.trim()).split("\n").at(-1) ?? "" };
  });
}
