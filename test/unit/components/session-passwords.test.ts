import { secret } from "@pulumi/pulumi";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { Reflector } from "../../../components/reflector";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { withPasswords } from "../../../components/reflector/gobgp/passwords";
import { readState } from "../../../components/reflector/gobgp/state";
import { reloadSteps } from "../../../components/reflector/gobgp/steps";
import { parseGobgp, renderGobgp } from "../../../components/reflector/gobgp/toml";
import { redacted, takePasswords } from "../../../components/reflector/passwords";
import { differences } from "../../../components/reflector/reload";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { named, registeredBy } from "../../helpers/mocks";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan({ ...config, bgpPasswords: ["kubernetes"] });
const bare = makePlan(config);
const { reflector } = plan.reflectors;
if (reflector === undefined) throw new Error("no reflector in the plan");
const text = renderGobgp(gobgpConfig(plan, reflector));
const worker = "172.16.18.34";
const password = 'p#a\\s"s w0rd';

describe("the plan", () => {
  test("names the password of each session of the COE, and has none elsewhere", () => {
    const named = Object.values(plan.sessions).map(({ b, password }) => [b.id, password]);
    expect(named.filter(([id]) => id?.startsWith("dcos/"))).not.toHaveLength(0);
    for (const [id, one] of named)
      expect(one).toBe(id?.startsWith("kubernetes/") ? "kubernetes" : undefined);
  });
});

describe("the reflector's file", () => {
  test("is rendered with the setting's name in place of the password", () => {
    expect(text.match(/^auth-password = .*$/gm)).toEqual(
      Array(4).fill('auth-password = "seamless:bgpPasswords.kubernetes"'),
    );
    expect(renderGobgp(gobgpConfig(bare, reflector))).not.toContain("auth-password");
  });

  test("gets the password as TOML writes it, and nothing else changes", () => {
    const file = withPasswords(text, { kubernetes: password });
    const expected = text.replaceAll("seamless:bgpPasswords.kubernetes", 'p#a\\\\s\\"s w0rd');
    expect(file).toBe(expected);
  });

  test("stays as it is to the letter without passwords", () => {
    const file = `${renderGobgp(gobgpConfig(bare, reflector))}# to the letter\n`;
    expect(withPasswords(file, {})).toBe(file);
  });

  test.each([[{}], [{ kubernetes: "" }]])(
    "is refused where the password is missing: %j",
    (none) => {
      expect(() => withPasswords(text, none)).toThrow(
        "seamless:bgpPasswords.kubernetes: missing; needed: the password of BGP sessions",
      );
    },
  );
});

describe("a step", () => {
  test("takes the passwords out of the environment", () => {
    const environment = { SEAMLESS_BGP_PASSWORDS: '{"kubernetes":"s3cret"}', PATH: "/bin" };
    expect(takePasswords(environment)).toEqual({ kubernetes: "s3cret" });
    expect(environment).toEqual({ PATH: "/bin" });
    expect(takePasswords(environment)).toEqual({});
  });

  test("hides them in what it says and in what it fails with", async () => {
    const said: string[] = [];
    const act = async (say: (message: string) => void) => {
      say(`line 3: auth-password = ${password}`);
      throw new Error(`refused: auth-password = ${JSON.stringify(password)}`);
    };
    const passwords = { kubernetes: password, another: "xy" };
    await expect(redacted(passwords, (one) => said.push(one), act)).rejects.toThrow(
      'refused: auth-password = "[secret]"',
    );
    expect(said).toEqual(["line 3: auth-password = [secret]"]);
  });
});

describe("a reload", () => {
  const fileWith = (one: string) => withPasswords(text, { kubernetes: one });
  const running = (of: string) =>
    Object.fromEntries(
      Object.entries(parseGobgp(of).neighbors).map(([address, neighbor]) => [
        address,
        { ...neighbor, established: true },
      ]),
    );
  const walk = (from: string, to: string) =>
    [...reloadSteps(from, to, running(from))].map(({ by, text: step, returns }) => {
      const { neighbors } = parseGobgp(step);
      return [by, Object.keys(neighbors).length, neighbors[worker]?.password, returns];
    });
  const digest = (of: string) => parseGobgp(of).neighbors[worker]?.password;

  test("takes the neighbours with another password out and back together, and waits for none", () => {
    const [old, next] = [fileWith("before"), fileWith("after-it")];
    expect(digest(old)).toMatch(/^[0-9a-f]{64}$/);
    const all = Object.keys(parseGobgp(next).neighbors).length;
    expect(walk(old, next)).toEqual([
      ["hangUp", all, digest(old), undefined],
      ["hangUp", all - 4, undefined, undefined],
      ["hangUp", all, digest(next), undefined],
    ]);
  });

  test("leaves the neighbours alone whose password is as it was", () => {
    const without = renderGobgp(gobgpConfig(bare, reflector));
    const steps = [...reloadSteps(without, fileWith("new-one"), running(without))];
    const others = Object.entries(parseGobgp(without).neighbors).filter(
      ([, { text: one }]) => !one.includes("kubernetes/"),
    );
    expect(others).toHaveLength(4);
    for (const { text: step } of steps)
      for (const [address, { text: one }] of others)
        expect(parseGobgp(step).neighbors[address]?.text).toBe(one);
  });

  const stateOf = (auth: Readonly<Record<string, string>>) => {
    const file = parseGobgp(text);
    const neighbors = Object.entries(file.neighbors).map(([address, { asn, clusterId }]) => ({
      conf: { neighbor_address: address, peer_asn: asn, auth_password: auth[address] },
      state: { session_state: 6 },
      route_reflector: { route_reflector_client: true, route_reflector_cluster_id: clusterId },
    }));
    const ask = async ([what]: readonly string[]) =>
      what === "neighbor" ? JSON.stringify(neighbors) : what === "global" ? "" : "[]";
    return readState({ ask });
  };

  test("says which neighbour has another password, or none, and no password", async () => {
    const planned = { ...parseGobgp(fileWith("planned")), fence: [] };
    const own = Object.entries(planned.neighbors).filter(([, one]) => one.password !== undefined);
    const right = Object.fromEntries(own.map(([address]) => [address, "planned"]));
    expect(differences(planned, await stateOf(right))).toEqual([]);
    const { [worker]: _, ...missing } = right;
    expect(differences(planned, await stateOf(missing))).toEqual([
      `neighbour ${worker} has AS 64511, cluster-id 172.16.18.32 instead of AS 64511, cluster-id 172.16.18.32, a password`,
    ]);
    expect(differences(planned, await stateOf({ ...right, [worker]: "other" }))).toEqual([
      `neighbour ${worker} has another password than planned`,
    ]);
  });
});

describe("the components", () => {
  const passwords = secret({ kubernetes: "s3cret", another: "of-nobody" });

  test("give a reflector's steps the passwords of its sessions, and the look none", async () => {
    const resources = await registeredBy(
      (options) =>
        new Reflector("reflector", { plan, reflector, passwords, network: "lab" }, options),
    );
    const environmentOf = (name: string) =>
      JSON.stringify(named(resources, name).inputs.environment);
    for (const step of ["seed", "neighbours", "narrow"]) {
      expect(environmentOf(`reflector-${step}`)).toContain("SEAMLESS_BGP_PASSWORDS");
      expect(environmentOf(`reflector-${step}`)).toContain("1b47061264138c4ac30d75fd1eb44270");
      expect(environmentOf(`reflector-${step}`)).toContain("s3cret");
      expect(environmentOf(`reflector-${step}`)).not.toContain("of-nobody");
      expect(named(resources, `reflector-${step}`).inputs.stdin).toBe(text);
    }
    expect(environmentOf("reflector-look")).not.toContain("SEAMLESS_BGP_PASSWORDS");
    expect(named(resources, "reflector-seed").options.ignoreChanges).toEqual([
      "stdin",
      "environment.SEAMLESS_BGP_PASSWORDS",
    ]);
  });

  test("keep the Secret of a cluster in calico-node's namespace, readable for its account alone", async () => {
    const access = { kubeconfig: secret("apiVersion: v1") };
    const args = { plan, coe: "kubernetes", access, bgpPasswords: passwords };
    const found = await registeredBy(
      (options) => new KubernetesPeering("kubernetes", args, options),
    );
    const metadata = {
      name: "seamless-bgp",
      namespace: "kube-system",
      labels: { "app.kubernetes.io/managed-by": "seamless" },
    };
    const { inputs } = named(found, "kubernetes-bgp-passwords");
    expect(inputs).toMatchObject({ metadata, type: "Opaque" });
    const data = JSON.stringify(inputs.data);
    expect(data).toContain(Buffer.from("s3cret").toString("base64"));
    expect(data).toContain("1b47061264138c4ac30d75fd1eb44270");
    expect(data).not.toContain("another");
    expect(named(found, "kubernetes-bgp-passwords-role").inputs).toMatchObject({
      metadata,
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: ["seamless-bgp"],
          verbs: ["get", "list", "watch"],
        },
      ],
    });
    expect(named(found, "kubernetes-bgp-passwords-binding").inputs).toMatchObject({
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "seamless-bgp" },
      subjects: [{ kind: "ServiceAccount", name: "calico-node", namespace: "kube-system" }],
    });
    expect(named(found, "kubernetes-peer-reflector").options.dependsOn).toEqual([
      "kubernetes-bgp",
      "kubernetes-bgp-passwords",
      "kubernetes-bgp-passwords-binding",
      "kubernetes-bgp-passwords-role",
      "kubernetes-inspect",
    ]);
    expect(named(found, "kubernetes-cluster").inputs).toMatchObject({
      enableSecretMutable: "true",
    });
  });

  test("refer to the Secret in Calico's peer", () => {
    const { peers } = calicoObjects(calicoPlan(plan, "kubernetes"));
    expect(peers.reflector?.spec).toEqual({
      asNumber: 64511,
      password: { secretKeyRef: { name: "seamless-bgp", key: "kubernetes" } },
      peerIP: "172.16.18.32",
    });
    const others = calicoObjects(calicoPlan(plan, "dcos")).peers;
    expect(others.reflector?.spec).toEqual({ asNumber: 64511, peerIP: "172.16.18.32" });
  });
});
