import { mkdtempSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePlan, parseConfig, readStackConfig } from "../../components/kinds/planning";
import { calicoAsset, withoutTunnels } from "../../components/speakers/calico/lab/files";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { renderCalicoV3 } from "../../components/speakers/calico/render";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(config);
const folder = mkdtempSync(join(tmpdir(), "seamless-calico-"));

afterAll(() => rm(folder, { recursive: true, force: true }));

async function validate(text: string) {
  const file = join(folder, "objects.yaml");
  await writeFile(file, text);
  return exec([join(toolsBin(), "calicoctl"), "validate", `--filename=${file}`]);
}

test.each(Object.keys(plan.coes))("calicoctl takes the objects of %s", async (coe) => {
  const result = await validate(renderCalicoV3(calicoPlan(plan, coe)));
  expect(result).toMatchObject({ code: 0, stderr: "" });
});

test("calicoctl takes everything that can be asked for", async () => {
  const { dcos, kubernetes } = config.coes;
  const asked = {
    announceServices: true,
    externalCidr: "10.99.0.0/28",
    loadBalancerCidr: "10.97.0.0/24",
    natOutgoing: true,
    policy: "cross-coe",
    allowFrom: ["dcos"],
  };
  const coes = { dcos, kubernetes: { ...kubernetes, ...asked } };
  const full = calicoPlan(makePlan(parseConfig({ ...config, coes })), "kubernetes");
  const text = renderCalicoV3(full);
  expect(await validate(text)).toMatchObject({ code: 0, stderr: "" });
  expect(text.match(/^kind: .*$/gm)).toEqual([
    // Its own pool and its load balancers', and both of DC/OS, where addresses are kept.
    "kind: IPPool",
    "kind: IPPool",
    "kind: IPPool",
    "kind: IPPool",
    "kind: GlobalNetworkSet",
    "kind: GlobalNetworkSet",
    "kind: Tier",
    // Who is let in, and that no container reaches the etcd of DC/OS.
    "kind: GlobalNetworkPolicy",
    "kind: GlobalNetworkPolicy",
    "kind: Profile",
    "kind: BGPPeer",
    "kind: BGPConfiguration",
  ]);
});

test("calicoctl would refuse a range that is none", async () => {
  const text = renderCalicoV3(calicoPlan(plan, "dcos")).replace(
    "192.168.128.0/17",
    "192.168.300.0",
  );
  expect((await validate(text)).code).not.toBe(0);
});

test("no template of confd keeps what Debian's BIRD does not know", () => {
  const file = calicoAsset("confd/etc/calico/confd/templates/bird_ipam.cfg.template");
  expect(withoutTunnels(readFileSync(file, "utf8"))).not.toContain("krt_tunnel");
});
