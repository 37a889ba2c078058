import { mkdtempSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import {
  apiServers,
  storedDashboardPolicy,
} from "../../components/kubernetes/addons/dashboard-policy";
import { type StoredObject, storedObject } from "../../components/kubernetes/objects";
import { calicoAsset, withoutTunnels } from "../../components/speakers/calico/lab/files";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { asItIs } from "../../components/speakers/calico/pools";
import { calicoV1Yaml, calicoYaml, renderCalicoV3 } from "../../components/speakers/calico/render";
import type { CalicoObject } from "../../components/speakers/calico/types";
import type { Plan } from "../../plan";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { anyPlan, calicoPlans, planWithPasswords } from "../helpers/calico-variants";
import { KubeApi } from "../helpers/kube-api";
import { defineCalico } from "../helpers/kube-stack";

const lab = makePlan(readStackConfig("Pulumi.lab.yaml"));
const plans: readonly (readonly [string, Plan])[] = [
  ["the lab", lab],
  ["passwords", planWithPasswords()],
  ...calicoPlans(),
];
const folder = mkdtempSync(join(tmpdir(), "seamless-calico-"));
const api = new KubeApi();

beforeAll(async () => {
  await api.up();
  await defineCalico(api, [
    ...["bgpconfigurations", "bgppeers", "globalnetworkpolicies", "globalnetworksets"],
    ...["ippools", "tiers"],
  ]);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await api.down();
});

async function calicoctl(command: string, text: string, ...flags: readonly string[]) {
  const file = join(folder, "objects.yaml");
  await writeFile(file, text);
  return exec([join(toolsBin(), "calicoctl"), command, `--filename=${file}`, ...flags]);
}
const validate = (text: string) => calicoctl("validate", text);

/** What the API server says to objects as Calico keeps them, each field of which has to be known there. */
const dryRun = (objects: readonly StoredObject[]) =>
  api.kubectl(
    ...["apply", "--server-side", "--dry-run=server", "--validate=strict", "--output=name"],
    "--filename",
    api.file("objects.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: objects })),
  );

/** All objects of a plan, with and without what is left to an adopted pool. */
function objectsOf(plan: Plan): CalicoObject[] {
  return Object.keys(plan.coes).flatMap((coe) => {
    const objects = calicoObjects(calicoPlan(plan, coe));
    return [...inOrder(objects), ...Object.values(objects.pools).map(asItIs)];
  });
}

/** As they are kept in Kubernetes, whose API has no profiles. */
const stored = (objects: readonly CalicoObject[]) =>
  objects.filter(({ kind }) => kind !== "Profile").map(storedObject);

const dashboards = (["kube-web-view", "kubernetes-dashboard"] as const).flatMap((kind) =>
  [[], ["198.51.100.0/24", "192.0.2.1/32"]].map((hosts) => storedDashboardPolicy(kind, hosts)),
);

test.each(plans)(
  "calicoctl and the API server take the objects of a plan with %s",
  async (_, plan) => {
    const objects = objectsOf(plan);
    expect(await validate(calicoYaml(objects))).toMatchObject({ code: 0, stderr: "" });
    const kept = stored(objects);
    const tried = await dryRun(kept);
    expect(tried).toMatchObject({ code: 0, stderr: "" });
    expect(tried.stdout.trim().split("\n")).toHaveLength(kept.length);
  },
);

test("the plans have every kind of object in them", () => {
  const kinds = plans.flatMap(([, plan]) => objectsOf(plan)).map(({ kind }) => kind);
  expect([...new Set(kinds)].sort()).toEqual([
    ...["BGPConfiguration", "BGPPeer", "GlobalNetworkPolicy", "GlobalNetworkSet", "IPPool"],
    ...["Profile", "Tier"],
  ]);
});

test("calicoctl and the API server take the policies of dashboards", async () => {
  const { kubernetes } = lab.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const policies = [...dashboards, storedDashboardPolicy("kube-web-view", apiServers(kubernetes))];
  const asV3 = policies.map((policy) => ({
    ...policy,
    apiVersion: "projectcalico.org/v3",
    metadata: { name: policy.metadata.name },
  }));
  expect(await validate(asV3.map((one) => JSON.stringify(one)).join("\n---\n"))).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(await dryRun(policies)).toMatchObject({ code: 0, stderr: "" });
});

test("calicoctl and the API server take what is made of any plan", async () => {
  const seed = fc.sample(fc.integer(), 1)[0] ?? 0;
  const objects = fc.sample(anyPlan, { numRuns: 60, seed }).flatMap(objectsOf);
  expect({ seed, ...(await validate(calicoYaml(objects))) }).toMatchObject({
    ...{ seed, code: 0, stderr: "" },
  });
  expect({ seed, ...(await dryRun(stored(objects))) }).toMatchObject({ seed, code: 0, stderr: "" });
}, 120_000);

const converted = z.object({
  items: z.array(
    z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) }),
  ),
});

test.each(["nothing special", "outgoing NAT", "several ranges, of which some retire"])(
  "calicoctl reads the documents of v1 of a plan with %s",
  async (name) => {
    const plan = new Map(plans).get(name);
    if (plan === undefined) throw new Error(name);
    for (const coe of Object.keys(plan.coes)) {
      const own = calicoPlan(plan, coe);
      // What v1 cannot announce is no matter of its documents.
      const text = calicoV1Yaml({ ...own, announced: {} });
      const read = await calicoctl("convert", text, "--output=yaml");
      expect(read).toMatchObject({ code: 0, stderr: "" });
      const made = converted.parse(parse(read.stdout)).items;
      const pools = Object.values(calicoObjects(own).pools);
      // Calico's own conversion gives pools and peers the names that they have here.
      const names = (objects: readonly { readonly metadata: { readonly name: string } }[]) =>
        objects.map((one) => one.metadata.name).sort();
      const of = (kind: string) => names(made.filter((one) => one.kind === kind));
      expect(of("BGPPeer")).toEqual(["192-0-2-251"]);
      for (const pool of names(pools)) expect(of("IPPool")).toContain(pool);
      expect(await validate(made.map((one) => stringify(one)).join("---\n"))).toMatchObject({
        code: 0,
        stderr: "",
      });
    }
  },
);

test("calicoctl and the API server refuse what is wrong", async () => {
  const text = renderCalicoV3(calicoPlan(lab, "dcos"));
  const range = await validate(text.replace("192.168.128.0/17", "192.168.300.0"));
  expect(range.code).not.toBe(0);
  const field = await validate(text.replace("ipipMode", "tunnelMode"));
  expect(field.code).not.toBe(0);
  const [pool] = stored(objectsOf(lab));
  if (pool === undefined) throw new Error("no objects");
  const unknown = await dryRun([{ ...pool, spec: { ...pool.spec, tunnelMode: "Never" } }]);
  expect(unknown.stderr).toContain('unknown field "tunnelMode"');
  const mode = await dryRun([{ ...pool, spec: { ...pool.spec, assignmentMode: "Sometimes" } }]);
  expect(mode.stderr).toContain("spec.assignmentMode");
});

test("no template of confd keeps what Debian's BIRD does not know", () => {
  const file = calicoAsset("confd/etc/calico/confd/templates/bird_ipam.cfg.template");
  expect(withoutTunnels(readFileSync(file, "utf8"))).not.toContain("krt_tunnel");
});
