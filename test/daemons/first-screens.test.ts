import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { frrK8sAsset } from "../../components/speakers/frr-k8s/lab/files";
import { exec } from "../../util/exec";
import { cacheDir } from "../../util/paths";
import { defineFrrK8s, frrNamespace } from "../helpers/frr-nodes";
import { KubeApi } from "../helpers/kube-api";
import { must, root } from "../helpers/kube-stack";
import { blocksOf, shownIn } from "../helpers/markdown";
import { applyAll, makeOpenshift, setStatus } from "../helpers/openshift";
import { describeWithShared } from "../helpers/shared";

/*
 * The first screens of the pages about clusters, as a reader does them. Real here: the command line, and an API server with the
 * published definitions. Set by hand: what the controllers of a cluster write into status.
 */
const pages = ["docs/openshift.md", "docs/kubernetes-without-calico.md"];
const api = new KubeApi();
const home = mkdtempSync(join(tmpdir(), "seamless-page-"));

beforeAll(() => api.up(), 120_000);
afterAll(async () => {
  rmSync(home, { recursive: true });
  await api.down();
});

/** FRR-K8s as its own manifest installs it, on two nodes. */
async function installFrrK8s(): Promise<void> {
  await defineFrrK8s(api);
  // As its chart writes it for a release.
  const text = readFileSync(frrK8sAsset("config/frr-k8s/frr-k8s.yaml"), "utf8").replaceAll(
    ":latest",
    ":v0.0.25",
  );
  const found: { kind: string; metadata: object }[] = parseAllDocuments(text).map((one) =>
    one.toJS(),
  );
  const [set] = found.filter(({ kind }) => kind === "DaemonSet");
  await applyAll(api, {
    ...set,
    metadata: { ...set?.metadata, name: "frr-k8s", namespace: frrNamespace },
  });
  const counts = { desiredNumberScheduled: 2, numberReady: 2, currentNumberScheduled: 2 };
  await must(
    api,
    ...["patch", "daemonset", "frr-k8s", "--namespace", frrNamespace, "--subresource=status"],
    ...["--type=merge", "-p", JSON.stringify({ status: { ...counts, numberMisscheduled: 0 } })],
  );
}

describeWithShared("definitions/openshift/config.openshift.io", "the first screen", () => {
  beforeAll(async () => {
    const role = (name: string) => ({ [`node-role.kubernetes.io/${name}`]: "" });
    await makeOpenshift(api, {
      "control-1": {
        ...{ address: "10.1.0.11", labels: role("control-plane") },
        ...{ subnets: ["10.128.0.0/23"], podCidr: "10.244.0.0/24" },
      },
      "worker-1": {
        ...{ address: "10.1.0.21", labels: role("worker") },
        ...{ subnets: ["10.128.2.0/23"], podCidr: "10.244.1.0/24" },
      },
    });
    await setStatus(api, "clusterversions", "version", { desired: { version: "4.19.3" } });
    await setStatus(api, "infrastructures", "cluster", { platformStatus: { type: "BareMetal" } });
    await setStatus(api, "networks.config.openshift.io", "cluster", {
      networkType: "OVNKubernetes",
      clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
    });
    await installFrrK8s();
    mkdirSync(join(home, ".kube"));
    writeFileSync(join(home, ".kube", "config"), api.kubeconfig);
  }, 60_000);

  describe.each(pages)("of %s", (page) => {
    const shown = shownIn(page);

    beforeAll(() => {
      const [stack] = blocksOf(page);
      writeFileSync(join(home, "Pulumi.prod.yaml"), stack?.text ?? "");
    });

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
        const argv = [join(root, program), ...args];
        const { code, stdout } = await exec(argv, { cwd: home, env, timeoutMs: 60_000 });
        expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: output });
      },
      90_000,
    );
  });
});
