/** TCP MD5 from the plan to the kernel: the real GoBGP, Calico's confd on a real Kubernetes API, and BIRD. */
import { parseAllDocuments, stringify } from "yaml";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { storedObject } from "../../components/kubernetes/objects";
import {
  passwordData,
  passwordObjects,
  passwordSecretObject,
} from "../../components/kubernetes/session-passwords";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { withPasswords } from "../../components/reflector/gobgp/passwords";
import { parseNeighbours } from "../../components/reflector/gobgp/tables";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import { reload } from "../../components/reflector/reload";
import { passwordSecret } from "../../components/speakers/calico/names";
import { calicoObjects, calicoPlan } from "../../components/speakers/calico/objects";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { type Dropped, parseSignatures, signaturesCommand } from "../../verify/signatures";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { KubeApi } from "../helpers/kube-api";
import { calicoManifest, must } from "../helpers/kube-stack";

const slow = 400_000;
const addresses = { right: "172.16.18.11", wrong: "172.16.18.12", none: "172.16.18.13" };
const bystander = "172.16.18.14";
const lan = new Lan();
const api = new KubeApi();
const rr = lan.reflector("rr");
const nodes = new Map<string, CalicoNode>();
const options = { say: () => undefined };

/** @param names in `seamless:bgpPasswords` */
function planOf(...names: string[]) {
  const coe = (podCidr: string, members: Record<string, string>) => ({
    kind: "kubernetes",
    podCidr,
    policy: "open",
    access: { kubeconfig: "/nowhere" },
    nodes: Object.fromEntries(
      Object.entries(members).map(([node, address]) => [node, { address }]),
    ),
  });
  const secrets = { bgpPasswords: Object.fromEntries(names.map((name) => [name, "any"])) };
  return makePlan(
    parseConfig(
      {
        network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
        reflectors: { rr: { kind: "gobgp", address: "172.16.18.1" } },
        coes: {
          guarded: coe("192.168.0.0/17", addresses),
          open: coe("192.168.128.0/17", { bystander }),
        },
      },
      { secrets },
    ),
  );
}

function fileOf(plan: ReturnType<typeof planOf>, password = ""): string {
  const { rr: reflector } = plan.reflectors;
  if (reflector === undefined) throw new Error("no reflector in the plan");
  return withPasswords(renderGobgp(gobgpConfig(plan, reflector)), { guarded: password });
}

const guarded = planOf("guarded");

/** Brings the cluster to a password, by the objects that the program makes. */
async function tell(password: string): Promise<void> {
  const { role, binding } = passwordObjects([passwordSecret]);
  const secret = passwordSecretObject(passwordSecret);
  const rbac = "rbac.authorization.k8s.io/v1";
  const { peers, configuration } = calicoObjects(calicoPlan(guarded, "guarded"));
  const data = passwordData(["guarded"], { guarded: password });
  const objects = [
    { apiVersion: "v1", kind: "Secret", ...secret, data },
    { apiVersion: rbac, kind: "Role", ...role },
    { apiVersion: rbac, kind: "RoleBinding", ...binding },
    ...[...Object.values(peers), configuration].map(storedObject),
  ];
  const text = objects.map((one) => stringify(one)).join("---\n");
  await must(api, "apply", "--server-side", "--filename", api.file("objects.yaml", text));
}

const configure = (name: string) => nodes.get(name)?.configure();
const neighbours = async () => parseNeighbours(await rr.ask(["neighbor"]), Date.now() / 1000);
const established = async () =>
  (await neighbours()).filter(({ state }) => state === "Established").map(({ address }) => address);

async function sessions(...expected: string[]): Promise<void> {
  const wanted = [...expected].sort().join(" ");
  const what = `sessions with ${wanted}`;
  await waitFor({ what, timeoutMs: 150_000, intervalMs: 300 }, async () => {
    const seen = (await established()).sort().join(" ");
    return seen === wanted ? { done: true, value: undefined } : { done: false, seen };
  });
}

/** When the bystander's session came up: GoBGP's own word, which a reset would change. */
async function since(): Promise<unknown> {
  const all: { conf: { neighbor_address: string }; timers: { state: { uptime: unknown } } }[] =
    JSON.parse(await rr.ask(["neighbor"]));
  return all.find(({ conf }) => conf.neighbor_address === bystander)?.timers.state.uptime;
}

beforeAll(async () => {
  await lan.up({ rr: "172.16.18.1", ...addresses, bystander });
  await api.up();
  // Calico's own rights and definitions, with which calico-node may read no Secret.
  const kinds = ["CustomResourceDefinition", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"];
  const manifest = parseAllDocuments(calicoManifest())
    .map((document) => document.toJS())
    .filter((one) => kinds.includes(one?.kind));
  const text = manifest.map((one) => stringify(one)).join("---\n");
  await must(api, "apply", "--server-side", "--filename", api.file("calico.yaml", text));
  await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
  const machines = Object.entries({ ...addresses, bystander }).map(([name, address]) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, annotations: { "projectcalico.org/IPv4Address": `${address}/24` } },
  }));
  const list = machines.map((one) => stringify(one)).join("---\n");
  await must(api, "apply", "--filename", api.file("nodes.yaml", list));
  const kubeconfig = await api.kubeconfigOf("kube-system", "calico-node");
  const edits = {
    right: undefined,
    wrong: (bird: string) => bird.replaceAll(/password ".*"/g, 'password "guessed"'),
    none: (bird: string) => bird.replaceAll(/password ".*";/g, ""),
    bystander: (bird: string) => bird.replaceAll(/password ".*";/g, ""),
  };
  for (const [name, edit] of Object.entries(edits))
    nodes.set(name, new CalicoNode(lan, name, { kubeconfig }, edit));
}, slow);

afterAll(async () => {
  await lan.down();
  await api.down();
});

/** What the kernel of a node drops, as verify asks it. */
async function dropped(node: string): Promise<Dropped> {
  const argv = signaturesCommand(["172.16.18.1"]);
  const said = await execOrThrow(["nsenter", `--net=/run/netns/${lan.spaceOf(node)}`, ...argv]);
  return parseSignatures(said.stdout);
}

/** Waits until a node has dropped a packet: a session of another node may be up before the reflector has sent one. */
async function toDrop(node: string, why: keyof Dropped): Promise<void> {
  await waitFor({ what: `${node} to drop a packet: ${why}`, timeoutMs: 60_000 }, async () => {
    const seen = await dropped(node);
    return seen[why] > 0
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(seen) };
  });
}

const [first, second] = ["the first p#ss'w0rd\\", `${"x".repeat(79)}$`];
let up: unknown;

test(
  "the node with the right password has a session; one with another, or none, has not",
  async () => {
    await tell(first);
    await rr.write(fileOf(guarded, first));
    await rr.start();
    await Promise.all([...nodes.values()].map((node) => node.configure()));
    await sessions(addresses.right, bystander);
    up = await since();
    for (const name of ["wrong", "none"]) {
      const said = await nodes.get(name)?.ask("show", "protocols");
      expect(said).toMatch(/Global_\S+ +BGP/);
      expect(said).not.toContain("Established");
    }
  },
  slow,
);

test(
  "the kernel of the node says why: no packet of the right one, a wrong signature, or one where none is known",
  async () => {
    await toDrop("wrong", "different");
    await toDrop("none", "unexpected");
    const none = { unsigned: 0, unexpected: 0, different: 0 };
    const seen = await Promise.all(["right", "wrong", "none"].map(dropped));
    expect(seen).toEqual([
      none,
      { ...none, different: expect.any(Number) },
      { ...none, unexpected: expect.any(Number) },
    ]);
  },
  slow,
);

test(
  "another password of 80 bytes resets the sessions that have it, and no other",
  async () => {
    await reload(rr, fileOf(guarded, second), options);
    await sessions(bystander);
    await tell(second);
    await configure("right");
    await sessions(addresses.right, bystander);
    expect(await since()).toEqual(up);
  },
  slow,
);

test(
  "the session of a node that is given the right password after all comes up",
  async () => {
    nodes.get("wrong")?.leaveAlone();
    await configure("wrong");
    await sessions(addresses.right, addresses.wrong, bystander);
    expect(await since()).toEqual(up);
  },
  slow,
);

test(
  "without passwords, who has none has a session; the old one is taken until gobgpd restarts",
  async () => {
    await reload(rr, fileOf(planOf()), options);
    // GoBGP 4.8 leaves the key of a neighbour that is taken away on its listening socket.
    await sessions(...Object.values(addresses), bystander);
    expect(await since()).toEqual(up);
    await rr.restart();
    await sessions(addresses.none, bystander);
    // What the reflector does not sign, the kernel of a node that has a password drops.
    await toDrop("right", "unsigned");
  },
  slow,
);
