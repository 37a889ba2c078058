import { join, resolve } from "node:path";
import { configFile } from "../../../cli/commands/config";
import { run } from "../../../cli/commands/plan";
import { makePlan, readStackConfig, renderPlan } from "../../../components/kinds/planning";
import { ConfigError } from "../../../config";
import { planDocument } from "../../../plan";

const lab = resolve(__dirname, "..", "..", "..", "Pulumi.lab.yaml");
const bad = join(__dirname, "..", "fixtures", "bad-configs", "host-bits.yaml");

/** What the command printed on standard output. */
async function printed(flags: Parameters<typeof run>[0]): Promise<string> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await run(flags);
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("tables for people, the public document for programs", async () => {
  const plan = makePlan(readStackConfig(lab));
  expect(await printed({ stack: "lab", config: lab })).toBe(`${renderPlan(plan).join("\n")}\n`);
  const json = await printed({ stack: "lab", config: lab, json: true });
  expect(JSON.parse(json)).toEqual(planDocument(plan));
});

test("sessions with a password are counted, and named in the document", () => {
  const plan = makePlan({ ...readStackConfig(lab), bgpPasswords: ["kubernetes"] });
  expect(renderPlan(plan).at(-1)).toMatch(/ 8 ibgp \(4 with a password\)$/);
  const { sessions } = planDocument(plan);
  expect(sessions.filter(({ password }) => password === "kubernetes")).toHaveLength(4);
});

test("the document has every field that a COE's record has", () => {
  const { coes, ...rest } = readStackConfig(lab);
  const { dcos } = coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const old = { ...dcos, calicoApi: "v1", access: { url: "http://127.0.0.1" } } as const;
  const plan = makePlan({ ...rest, coes: { ...coes, dcos: old } });
  for (const shown of planDocument(plan).coes)
    expect(Object.keys(shown).sort()).toEqual(Object.keys(plan.coes[shown.name] ?? {}).sort());
  expect(planDocument(plan).coes.find(({ name }) => name === "dcos")).toMatchObject({
    calicoApi: "v1",
  });
});

test("a file given by name wins over the stack's", () => {
  expect(configFile({ stack: "prod" })).toBe("Pulumi.prod.yaml");
  expect(configFile({ stack: "prod", config: "other.yaml" })).toBe("other.yaml");
});

test("an invalid configuration prints no plan", async () => {
  await expect(printed({ stack: "lab", config: bad })).rejects.toThrow(ConfigError);
});
