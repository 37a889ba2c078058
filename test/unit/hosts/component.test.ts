import { output, secret } from "@pulumi/pulumi";
import { hosts } from "../../../components/hosts/deploy";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { named, registeredBy } from "../../helpers/mocks";

const planOf = (count: number) =>
  makePlan(
    parseConfig(
      {
        network: { supernet: "10.64.0.0/10", nodes: "10.1.0.0/16", asn: 64512 },
        reflectors: { rr: { kind: "gobgp", address: "10.1.0.1" } },
        coes: {
          plain: {
            ...{ kind: "hosts", policy: "open", podCidr: "10.64.0.0/15" },
            access: { ssh: { user: "ops", knownHosts: ["10.1.1.0 ssh-ed25519 AAAA"] } },
            nodes: Object.fromEntries(
              Array.from({ length: count }, (_, index) => [
                `host-${index}`,
                { address: `10.1.1.${index}`, podCidr: `10.64.${index}.0/24` },
              ]),
            ),
          },
        },
      },
      { secrets: { bgpPasswords: { plain: "hidden-password" } } },
    ),
  );

const made = (count: number, probe = false) => {
  const plan = planOf(count);
  const coe = plan.coes.plain;
  if (coe === undefined) throw new Error("not in the plan");
  const given = { ssh: { user: "ops", knownHosts: ["10.1.1.0 ssh-ed25519 AAAA"] } };
  const access = hosts.external(given, coe, { privateKey: secret("hidden-key") });
  return registeredBy((options) =>
    hosts.make(
      "plain",
      {
        ...{ plan, coe: "plain", access },
        bgpPasswords: output({ plain: "hidden-password" }),
        ...(probe ? { probe: { instances: 2, image: "busybox" } } : {}),
      },
      options,
    ),
  );
};

test("each host has two resources, and waits until all have been looked at", async () => {
  const all = await made(3);
  expect(all.map(({ name }) => name)).toEqual([
    "plain",
    ...["plain-host-0-look", "plain-host-0", "plain-host-1-look", "plain-host-1"],
    ...["plain-host-2-look", "plain-host-2"],
  ]);
  expect(named(all, "plain-host-1").options.dependsOn).toEqual([
    "plain-host-0-look",
    "plain-host-1-look",
    "plain-host-2-look",
  ]);
  expect(named(all, "plain-host-1").inputs).toMatchObject({
    create: "bin/seamless internal host-apply",
    update: "bin/seamless internal host-apply",
    delete: "bin/seamless internal host-remove",
  });
});

test("the key and passwords are secrets of the environment, and in no other input", async () => {
  const { inputs } = named(await made(1), "plain-host-0");
  const { environment, ...plain } = inputs;
  expect(JSON.stringify(plain)).not.toContain("hidden");
  expect(JSON.stringify(plain)).toContain("seamless:bgpPasswords.plain");
  // As the SDK marks secrets.
  const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  expect(environment).toEqual({
    ...sealed,
    value: {
      SEAMLESS_SSH_KEY: "hidden-key",
      SEAMLESS_BGP_PASSWORDS: '{"plain":"hidden-password"}',
    },
  });
});

test("the probe comes after the hosts, on as many as are asked for", async () => {
  const probe = named(await made(3, true), "plain-probe");
  expect(probe.options.dependsOn).toEqual(["plain-host-0", "plain-host-1", "plain-host-2"]);
  expect(JSON.parse(String(probe.inputs.stdin))).toEqual({
    hosts: [0, 1].map((index) => ({
      name: `plain/host-${index}`,
      shell: {
        ...{ via: "ssh", target: `ssh://ops@10.1.1.${index}` },
        knownHosts: ["10.1.1.0 ssh-ed25519 AAAA"],
      },
    })),
    image: "busybox",
  });
});
