/** What a program says of the cluster of a DcosPackage, before the provider is asked. */
import { type Output, output, runtime } from "@pulumi/pulumi";
import { type DcosClusterArgs, DcosPackage } from "../../../components/dcos/package";

const registered: { name: string; inputs: Readonly<Record<string, unknown>> }[] = [];

beforeAll(() =>
  runtime.setMocks({
    call: () => {
      throw new Error("nothing is called");
    },
    newResource({ name, inputs }) {
      registered.push({ name, inputs });
      return { id: name, state: inputs };
    },
  }),
);

const url = "http://dcos.example.com";
const token = "a token";
const refused = (name: string) =>
  `DcosPackage ${name}: cluster.url: found ${url} with a login, which anyone on the path can read; allowed: https://, or allowHttp: true`;

const make = (name: string, cluster: DcosClusterArgs | Output<DcosClusterArgs>) =>
  new DcosPackage(name, { cluster, packageName: "marathon" });

async function clusterOf(name: string, cluster: DcosClusterArgs | Output<DcosClusterArgs>) {
  const { urn } = make(name, cluster);
  await new Promise((resolve) => urn.apply(resolve));
  return registered.find((one) => one.name === name)?.inputs.cluster;
}

const login = { uid: "me", password: "secret" };
test.each([
  ["token", { url, token }],
  ["login", { url, login }],
])("a %s goes nowhere by plain HTTP", (name, cluster) => {
  expect(() => make(name, cluster)).toThrow(refused(name));
});

test("the permission is heeded and not passed on; without a login, or to this machine, none is needed", async () => {
  expect(JSON.stringify(await clusterOf("allowed", { url, token, allowHttp: true }))).toContain(
    JSON.stringify(url),
  );
  expect(await clusterOf("open", { url })).toEqual({ url });
  expect(JSON.stringify(await clusterOf("later", output({ url, allowHttp: true })))).toContain(url);
  expect(JSON.stringify(registered)).not.toContain("allowHttp");
  const here = "http://127.0.0.1:18080";
  expect(JSON.stringify(await clusterOf("here", { url: here, token }))).toContain(here);
});
