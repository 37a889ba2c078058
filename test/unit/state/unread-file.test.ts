import { RunError, runtime } from "@pulumi/pulumi";
import { takeHooks } from "../../helpers/hooks";
import { runProgram } from "../../helpers/program";

const settings = {
  network: { nodes: "10.1.0.0/24", asn: 64511 },
  reflectors: { "rr-1": { kind: "gobgp", address: "10.1.0.10" } },
  coes: {
    old: {
      ...{ kind: "dcos", policy: "open", podCidr: "10.65.0.0/16" },
      access: {
        url: "https://dcos.example.com",
        ca: "/nowhere/ca.crt",
        etcd: ["http://10.1.0.31:2379"],
      },
      nodes: { "agent-1": { address: "10.1.0.31" } },
    },
  },
};

test("a file of a COE's access that cannot be read ends the program before anything is made", async () => {
  const made: string[] = [];
  await runtime.setMocks(
    {
      newResource(args) {
        made.push(`${args.type} ${args.name}`);
        return { id: args.name, state: args.inputs };
      },
      call: (args) => args.inputs,
    },
    "seamless",
    "prod",
  );
  takeHooks();
  const texts = Object.entries(settings).map(([key, value]) => [
    `seamless:${key}`,
    JSON.stringify(value),
  ]);
  runtime.setAllConfig(Object.fromEntries(texts), []);
  await expect(runProgram()).rejects.toThrow(
    new RunError(
      "coes.old.access.ca: found /nowhere/ca.crt, which cannot be read: no such file or folder; allowed: a path from the folder of the project, or from ~/",
    ),
  );
  await runtime.disconnect();
  expect(made).toEqual([]);
});
