import { z } from "zod";
import { dcos } from "../../../components/dcos/deploy";
import { packageSpecs } from "../../../components/dcos/packages";
import { probeApp } from "../../../components/dcos/probe-app";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import type { Plan } from "../../../plan";
import { parseApp } from "../../../standins/dcos/master/parse-app";
import { describeWithShared, sharedText } from "../../helpers/shared";

const { network, reflectors } = readStackConfig("Pulumi.lab.yaml");

/** The plan of a cluster with two private agents and a public one. */
function planned(packages: object): Plan {
  const coe = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    access: { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] },
    packages,
    nodes: {
      master: { address: "172.16.18.42", role: "master", speaker: true },
      "agent-1": { address: "172.16.18.43" },
      "agent-2": { address: "172.16.18.44" },
      "public-1": { address: "172.16.18.45", role: "public" },
    },
  };
  return makePlan(parseConfig({ network, reflectors, coes: { dcos: coe } }));
}

function probed(packages: object) {
  const plan = planned(packages);
  const coe = plan.coes.dcos;
  if (coe === undefined) throw new Error("no dcos");
  const instances = dcos.probeNodes(coe);
  return { instances, roles: probeApp(plan, "dcos", { instances }).acceptedResourceRoles };
}

const onBoth = { instances: 3, roles: ["*", "slave_public"] };
const asked = { "marathon-user": { publicAgents: true } };
const byOption = { "marathon-user": { options: { marathon: { "mesos-role": "slave_public" } } } };
const another = { "marathon-user": { options: { marathon: { "mesos-role": "shop" } } } };

test.each([
  ["the first Marathon, which has the role slave_public", {}, onBoth],
  ["a second one with a role of its own", { "marathon-user": {} }, { instances: 2, roles: ["*"] }],
  ["a second one that is given the role", asked, onBoth],
  ["a second one whose options give it the role", byOption, onBoth],
  ["a second one with another role", another, { instances: 2, roles: ["*"] }],
])("where the probe runs on %s", (_name, packages, expected) => {
  expect(probed(packages)).toEqual(expected);
});

test("more probes than agents that its Marathon is offered are refused with the way out", () => {
  expect(() => probeApp(planned({ "marathon-user": {} }), "dcos", { instances: 3 })).toThrow(
    "coes.dcos.probe.instances: found 3, allowed 0 to 2: one for each agent, for no agent runs two; public agents take only apps of Marathons with the role slave_public: set packages.marathon-user.publicAgents: true to give it that role",
  );
});

test("publicAgents is an option of the package, and options come over it", () => {
  const coe = planned(asked).coes.dcos;
  if (coe === undefined) throw new Error("no dcos");
  expect(packageSpecs(coe, asked)["marathon-user"]?.options).toEqual({
    service: { name: "marathon-user" },
    marathon: { "mesos-role": "slave_public" },
  });
  const both = { "marathon-user": { publicAgents: true, ...another["marathon-user"] } };
  expect(packageSpecs(coe, both)["marathon-user"]?.options).toMatchObject({
    marathon: { "mesos-role": "shop" },
  });
  expect(planned(both).coes.dcos?.publicApps).toBeUndefined();
});

describeWithShared("dcos-conformance/roles", "roles as DC/OS has them", () => {
  const shape = z.object({
    frameworks: z.record(
      z.string(),
      z.object({ role: z.string(), isOffered: z.array(z.string()) }),
    ),
    cases: z.array(
      z.object({
        framework: z.string(),
        acceptedResourceRoles: z.array(z.string()).nullable(),
        private: z.boolean().optional(),
        public: z.boolean().optional(),
        status: z.number().optional(),
        error: z.string().optional(),
      }),
    ),
  });
  const { frameworks, cases } = shape.parse(
    JSON.parse(sharedText("dcos-conformance", "roles", "cases.json")),
  );

  test.each([
    ["root Marathon", {}],
    ["marathon-user (package defaults)", { "marathon-user": {} }],
    ["marathon-user with marathon.mesos-role slave_public", asked],
  ])("the probe accepts what %s is offered, and no more", (framework, packages) => {
    expect(probed(packages).roles).toEqual(frameworks[framework]?.isOffered);
  });

  test.each(cases.filter(({ status }) => status !== undefined))(
    "the stand-in refuses $acceptedResourceRoles of $framework with $status",
    ({ framework, acceptedResourceRoles, error }) => {
      const role = frameworks[framework]?.role ?? "";
      expect(parseApp({ id: "/x", cmd: "true", acceptedResourceRoles }, { role })).toEqual({
        problems: [{ path: "/acceptedResourceRoles", errors: [error] }],
      });
    },
  );
});
