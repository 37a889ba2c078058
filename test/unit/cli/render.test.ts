import { type RenderFlags, run } from "../../../cli/commands/render";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { renderGobgp } from "../../../components/reflector/gobgp/toml";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../../components/speakers/calico/render";

const flags: RenderFlags = { stack: "lab" };
const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));

/** What the command prints. */
async function printed(what: string, given: Partial<RenderFlags> = {}): Promise<string> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await run(what, { ...flags, ...given });
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("prints the file of each reflector", async () => {
  const files = Object.values(plan.reflectors).map((one) => renderGobgp(gobgpConfig(plan, one)));
  expect(await printed("gobgp")).toBe(`# reflector\n${files.join("")}`);
});

test("prints the objects of every COE, or of one", async () => {
  const [dcos, kubernetes] = ["dcos", "kubernetes"].map((coe) =>
    renderCalicoV3(calicoPlan(plan, coe)),
  );
  expect(await printed("calico")).toBe(`# dcos\n${dcos}---\n# kubernetes\n${kubernetes}`);
  expect(await printed("calico", { coe: "dcos" })).toBe(`# dcos\n${dcos}`);
});

test("prints the documents of the old API", async () => {
  const old = renderCalicoV1(calicoPlan(plan, "kubernetes"));
  expect(await printed("calico", { coe: "kubernetes", api: "v1" })).toBe(`# kubernetes\n${old}`);
});

test("says who writes the files of container networks itself", async () => {
  expect(await printed("cni")).toBe(
    "# dcos: embedded, the lab writes its own\n\n# kubernetes: Calico's own installation writes it\n",
  );
});

test("says how nodes speak BGP whose objects another rendering has", async () => {
  expect(await printed("speaker", { coe: "dcos" })).toBe("# dcos: its nodes speak BGP by calico\n");
});

test.each([
  ["hosts", "plain", "host-1", "192.168.129.0/24"],
  ["swarm", "swarm", "manager", "192.168.128.0/24"],
  ["nomad", "nomad", "client-1", "192.168.128.0/24"],
])("prints what each host of %s speaks BGP by", async (stack, coe, node, range) => {
  const files = await printed("speaker", { stack, coe });
  expect(files).toContain(`# ${coe}/${node}\n# Made by seamless.`);
  expect(files).toContain(`  route ${range} blackhole;\n`);
});

test.each(["bird", "frr", "external"])("says that no reflector is of kind %s", async (kind) => {
  expect(await printed(kind)).toBe(`# the plan has no reflector of kind ${kind}\n`);
});

test("says for whom there are no names", async () => {
  expect(await printed("names")).toBe(
    "# dcos: no other COE has names for it\n\n# kubernetes: no other COE has names for it\n",
  );
});

test("says whose name servers answer for their services themselves", async () => {
  expect(await printed("records")).toBe(
    "# dcos: it has name servers of its own\n\n# kubernetes: it has name servers of its own\n",
  );
});

test.each([
  [
    "quagga",
    {},
    "render quagga: allowed: bird, calico, cni, external, frr, gobgp, names, records, speaker",
  ],
  ["calico", { api: "v2" }, "--api v2: allowed: v1, v3"],
  [
    "calico",
    { coe: "dcos", api: "v1" },
    "coes.dcos: found announced ranges 10.98.0.0/24; Calico 2.x announces no services: leave announceServices, loadBalancerCidr and externalCidr out",
  ],
  ["calico", { coe: "nomad" }, "--coe nomad: allowed: dcos, kubernetes"],
])("refuses %s %j as usage", async (what, given, message) => {
  await expect(printed(what, given)).rejects.toMatchObject({ message, code: 2 });
});
