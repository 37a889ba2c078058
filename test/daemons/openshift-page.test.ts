import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "../../util/exec";
import { cacheDir } from "../../util/paths";
import { KubeApi } from "../helpers/kube-api";
import { root } from "../helpers/kube-stack";
import { blocksOf, shownIn } from "../helpers/markdown";
import { makeOpenshift, setStatus } from "../helpers/openshift";
import { describeWithShared } from "../helpers/shared";

/*
 * The first screen of docs/openshift.md, as a reader does it. Real here: the command line, and an API server with the published
 * definitions. Set by hand: what the cluster's operators write into status.
 */
const page = "docs/openshift.md";
const api = new KubeApi();
const home = mkdtempSync(join(tmpdir(), "seamless-page-"));

beforeAll(() => api.up(), 120_000);
afterAll(async () => {
  rmSync(home, { recursive: true });
  await api.down();
});

describeWithShared("definitions/openshift/config.openshift.io", page, () => {
  beforeAll(async () => {
    const role = (name: string) => ({ [`node-role.kubernetes.io/${name}`]: "" });
    await makeOpenshift(api, {
      "control-1": {
        ...{ address: "10.1.0.11", labels: role("control-plane"), subnets: ["10.128.0.0/23"] },
      },
      "worker-1": {
        ...{ address: "10.1.0.21", labels: role("worker"), subnets: ["10.128.2.0/23"] },
      },
    });
    await setStatus(api, "clusterversions", "version", { desired: { version: "4.19.3" } });
    await setStatus(api, "infrastructures", "cluster", { platformStatus: { type: "BareMetal" } });
    await setStatus(api, "networks.config.openshift.io", "cluster", {
      networkType: "OVNKubernetes",
      clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
    });
    mkdirSync(join(home, ".kube"));
    writeFileSync(join(home, ".kube", "config"), api.kubeconfig);
    const [stack] = blocksOf(page);
    writeFileSync(join(home, "Pulumi.prod.yaml"), stack?.text ?? "");
  }, 60_000);

  const shown = shownIn(page);

  test("has a plan and an inspection", () => {
    expect(shown.map(({ argv }) => argv.slice(0, 2).join(" "))).toEqual([
      "bin/seamless plan",
      "bin/seamless inspect",
    ]);
  });

  test.each(shown.map((one) => [one.argv.join(" "), one] as const))(
    "%s prints what the page says",
    async (_command, { argv: [program = "", ...args], output }) => {
      const env = { HOME: home, SEAMLESS_CACHE: cacheDir() };
      const ran = await exec([join(root, program), ...args], { cwd: home, env, timeoutMs: 60_000 });
      expect({ code: ran.code, stdout: ran.stdout.trim() }).toEqual({ code: 0, stdout: output });
    },
    90_000,
  );
});
