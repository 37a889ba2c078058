import type { SpeakerSession } from "../../../components/ask/router";
import type { LeftBehind } from "../../../components/ask/types";
import type { DatastoreState, PoolState } from "../../../components/speakers/calico/inspect/state";
import { leftBehind } from "../../../components/speakers/calico/left";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { goneChecks } from "../../../verify/checks/gone";
import type { NodeKernel, TableRoute } from "../../../verify/kernel/types";
import { parseOutputs } from "../../../verify/outputs";
import type { Observation } from "../../../verify/types";
import { healthy, no, ok, plan, planWith, podBlock, taskBlock, unasked } from "./fixture";

const kinds = () => ({ routeProtocol: "bird" });
const checks = goneChecks(plan, kinds);
const nothing: LeftBehind = { faults: [], compared: [] };

function session(address: string): SpeakerSession {
  return {
    name: "Global_172_16_18_32",
    address,
    asn: 64511,
    state: "Connect",
    imported: [],
    exported: [],
  };
}

const speaker = (...sessions: SpeakerSession[]) =>
  ok("birdcl", { routerId: "172.16.18.34", sessions });

const learned = (prefix: string, gateway: string, table = "main"): TableRoute => ({
  ...{ prefix, type: "unicast", table, hops: [{ gateway, device: "eth0" }], protocol: "bird" },
  metric: 0,
});

const kernel = (...routes: TableRoute[]) => {
  const none: NodeKernel = {
    ...{ routes, rules: [], links: {}, neighbours: [], settings: {} },
    ...{ firewalls: [], lookups: [], untold: [] },
  };
  return ok("ip", none);
};

/** What is seen when nothing is left; Calico's own mesh is back. */
const gone: Observation = {
  ...healthy,
  neighbours: {},
  rib: {},
  daemons: { reflector: ok("docker", []) },
  left: { dcos: ok("calicoctl", nothing), kubernetes: ok("kubectl", nothing) },
  speakers: { "dcos/agent-1": speaker(), "kubernetes/worker-1": speaker(session("172.16.18.35")) },
  kernels: {
    "dcos/agent-1": kernel(),
    "kubernetes/worker-1": kernel(learned("192.168.9.0/26", "172.16.18.35")),
  },
};

/** The checks that do not pass or are left out, with what was found. */
function bad(seen: Observation) {
  return Object.fromEntries(
    checks.flatMap(({ id, judge }) => {
      const { status, found } = judge(seen);
      return status === "pass" ? [] : [[id, `${status}: ${found}`]];
    }),
  );
}

const unkept =
  "skip: there was nothing before, or nobody kept it (give --outputs the file of: pulumi stack export --show-secrets)";
const skipped = { "gone/found/dcos": unkept, "gone/found/kubernetes": unkept };

test("there is a check for each reflector, COE and node", () => {
  expect(checks.map(({ id }) => id)).toEqual([
    "gone/reflector/reflector",
    ...["gone/object/dcos", "gone/found/dcos", "gone/object/kubernetes", "gone/found/kubernetes"],
    ...["gone/peer/dcos/agent-1", "gone/route/dcos/agent-1"],
    ...["gone/peer/kubernetes/worker-1", "gone/route/kubernetes/worker-1"],
  ]);
});

test("nothing is left", () => {
  expect(bad(gone)).toEqual(skipped);
});

const fault = { group: "pools", effect: "it matters" } as const;

test.each<[string, Partial<Observation>, Record<string, string>]>([
  [
    "a container and its volume",
    {
      daemons: {
        reflector: ok("docker", [
          "container seamless-reflector",
          "volume seamless-reflector-config",
        ]),
      },
    },
    {
      "gone/reflector/reflector":
        "fail: container seamless-reflector, volume seamless-reflector-config",
    },
  ],
  [
    "objects",
    {
      left: {
        ...gone.left,
        kubernetes: ok("kubectl", {
          faults: [
            { ...fault, object: "IPPool/a", found: "10.0.0.0/8 is still there", expected: "gone" },
          ],
          compared: [],
        }),
      },
    },
    { "gone/object/kubernetes": "fail: IPPool/a: 10.0.0.0/8 is still there" },
  ],
  [
    "a pool that is not as it was",
    {
      left: {
        ...gone.left,
        kubernetes: ok("kubectl", {
          faults: [
            { ...fault, object: "IPPool/a", found: "ipipMode Never", expected: "ipipMode Always" },
          ],
          compared: ["IPPool/a"],
        }),
      },
    },
    { "gone/found/kubernetes": "fail: IPPool/a: ipipMode Never instead of ipipMode Always" },
  ],
  [
    "a peer",
    { speakers: { ...gone.speakers, "dcos/agent-1": speaker(session("172.16.18.32")) } },
    { "gone/peer/dcos/agent-1": "fail: Global_172_16_18_32 with 172.16.18.32 Connect" },
  ],
  [
    "a route to another COE's block",
    {
      kernels: { ...gone.kernels, "dcos/agent-1": kernel(learned(podBlock, "172.16.18.34", "90")) },
    },
    { "gone/route/dcos/agent-1": `fail: ${podBlock} via 172.16.18.34 table 90` },
  ],
  [
    "a route by another COE's node",
    {
      kernels: {
        ...gone.kernels,
        "kubernetes/worker-1": kernel(learned("10.9.0.0/24", "172.16.18.43")),
      },
    },
    { "gone/route/kubernetes/worker-1": "fail: 10.9.0.0/24 via 172.16.18.43 table main" },
  ],
])("names %s that is left", (_what, seen, found) => {
  expect(bad({ ...gone, ...seen })).toEqual({ ...skipped, ...found });
});

test("a route that somebody else has installed is none of ours", () => {
  const route = { ...learned(taskBlock, "172.16.18.43"), protocol: "static" };
  const kernels = { ...gone.kernels, "kubernetes/worker-1": kernel(route) };
  expect(bad({ ...gone, kernels })).toEqual(skipped);
});

test("who does not answer is unknown, and who says no has failed", () => {
  const speakers = { ...gone.speakers, "dcos/agent-1": unasked("ssh", "no route to host") };
  expect(bad({ ...gone, speakers })["gone/peer/dcos/agent-1"]).toBe("unknown: no route to host");
  const left = { ...gone.left, dcos: no("calicoctl", "not authorized") };
  expect(bad({ ...gone, left })["gone/object/dcos"]).toBe("fail: not authorized");
});

const theirs = planWith({ kubernetes: { pool: "theirs", policy: "closed" } });
const [coe, calico] = [theirs.coes.kubernetes, calicoPlan(theirs, "kubernetes")];
if (coe === undefined) throw new Error("no kubernetes in the plan");

const pool = (name: string, cidr: string, changes: Partial<PoolState> = {}): PoolState => ({
  ...{ name, cidr, blockSize: 26, ipipMode: "Never", vxlanMode: "Never", natOutgoing: false },
  ...{
    disabled: false,
    disableBGPExport: false,
    nodeSelector: "all()",
    assignmentMode: "Automatic",
  },
  ...{ allowedUses: ["Workload"], others: {}, managedBy: undefined, setBy: [], ours: undefined },
  ...changes,
});

const bgp = {
  asn: 64512,
  mesh: true,
  setBy: [],
  others: {},
  byNode: {},
  services: { clusterIPs: [], externalIPs: [], loadBalancerIPs: [] },
};
const past = {
  pools: { theirs: { ipipMode: "Always", natOutgoing: true, disabled: null } },
  bgp: { asNumber: null },
};
const clean: Pick<DatastoreState, "pools" | "peers" | "taken" | "bgp"> = {
  pools: [pool("theirs", "192.168.0.0/17", { ipipMode: "Always", natOutgoing: true })],
  peers: [],
  taken: [],
  bgp,
};

const faults = (state: Partial<typeof clean>, given = theirs) =>
  leftBehind({
    coe,
    plan: calicoPlan(given, "kubernetes"),
    state: { ...clean, ...state },
    past,
  }).faults.map(({ object, found, expected }) => `${object}: ${found}; expected: ${expected}`);

test("a COE that has its own back has nothing of the plan", () => {
  expect(leftBehind({ coe, plan: calico, state: clean, past })).toEqual({
    faults: [],
    compared: ["IPPool/theirs", "BGPConfiguration/default"],
  });
});

test("an adopted pool has to be there, with the fields that it had", () => {
  expect(faults({ pools: [] })).toEqual([
    "IPPool/theirs: it is gone; expected: there, as before the stack",
  ]);
  expect(faults({ pools: [pool("theirs", "192.168.0.0/17", { disabled: true })] })).toEqual([
    "IPPool/theirs: disabled true; expected: disabled false",
    "IPPool/theirs: ipipMode Never; expected: ipipMode Always",
    "IPPool/theirs: natOutgoing false; expected: natOutgoing true",
  ]);
});

test("AS and mesh have to be as they were", () => {
  expect(faults({ bgp: { ...bgp, asn: 64511, mesh: false } })).toEqual([
    "BGPConfiguration/default: asNumber 64511; expected: asNumber 64512",
    "BGPConfiguration/default: nodeToNodeMeshEnabled false; expected: nodeToNodeMeshEnabled true",
  ]);
});

test("objects of the plan's names are left behind, and those of other names are not", () => {
  const peer = (name: string, at: string) => ({
    name,
    peer: at,
    asn: 64511,
    others: {},
    ours: undefined,
  });
  const taken = ["seamless", "other"].map((name) => ({
    kind: "Tier",
    name,
    spec: {},
    ours: undefined,
  }));
  expect(
    faults({ peers: [peer("172-16-18-32", "172.16.18.32"), peer("rack", "172.16.18.1")], taken }),
  ).toEqual([
    "BGPPeer/172-16-18-32: peer 172.16.18.32 is still there; expected: gone",
    "Tier/seamless: Tier/seamless is still there; expected: gone",
  ]);
  const pools = [pool("192-168-0-0-17", "192.168.0.0/17"), pool("more", "10.0.0.0/16")];
  expect(faults({ pools }, plan)).toEqual([
    "IPPool/192-168-0-0-17: 192.168.0.0/17 is still there; expected: gone",
  ]);
});

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const access = { reflectors: {}, coes: { kubernetes: { nodes: {}, kubeconfig: "text" } } };
const exported = (given: object) =>
  JSON.stringify({
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s",
          type: "pulumi:pulumi:Stack",
          outputs: { plan, ...given },
        },
        {
          urn: "urn:pulumi:s::p::a$command:local:Command::kubernetes-inspect",
          type: "command:local:Command",
          outputs: { stdout: secret("{}") },
        },
      ],
    },
  });

test("an exported state has the outputs, and what the steps printed", () => {
  expect(parseOutputs(exported({ access: secret(access) }), "state")).toEqual({
    plan,
    access,
    probes: [],
    printed: { "kubernetes-inspect": "{}" },
  });
});

test("an exported state with encrypted secrets is refused with what to do", () => {
  const { plaintext: _, ...sealed } = secret(access);
  expect(() =>
    parseOutputs(exported({ access: { ...sealed, ciphertext: "v1:" } }), "state"),
  ).toThrow("state: found encrypted secrets; needed: pulumi stack export --show-secrets");
});
