import { secret } from "@pulumi/pulumi";
import { NomadPeering } from "../../../components/nomad/peering";
import { registeredBy } from "../../helpers/mocks";
import { planOf } from "./plans";

const registered = () =>
  registeredBy(
    (options) =>
      new NomadPeering(
        "nomad",
        {
          plan: planOf(),
          coe: "nomad",
          access: {
            url: "https://172.16.18.61:4646",
            ssh: { user: "ops" },
            token: secret("t0ken"),
            privateKey: secret("k3y"),
          },
          probe: { instances: 2 },
        },
        options,
      ),
  );

test("each client has a look, a host and a network, and the probe comes last", async () => {
  const found = await registered();
  const looks = ["nomad-client-1-look", "nomad-client-2-look", "nomad-inspect"];
  expect(Object.fromEntries(found.map(({ name, options }) => [name, options.dependsOn]))).toEqual({
    nomad: [],
    ...Object.fromEntries(looks.map((name) => [name, []])),
    "nomad-client-1": looks,
    "nomad-client-1-network": ["nomad-client-1"],
    "nomad-client-2": looks,
    "nomad-client-2-network": ["nomad-client-2"],
    "nomad-probe": ["nomad-client-1-network", "nomad-client-2-network"],
  });
});

test("token and key are in no standard input and no command line", async () => {
  for (const { inputs } of await registered()) {
    const { environment, ...rest } = inputs;
    expect(JSON.stringify(rest)).not.toMatch(/t0ken|k3y/);
    if (environment !== undefined)
      expect(JSON.stringify(environment)).toContain("SEAMLESS_SSH_KEY");
  }
});
