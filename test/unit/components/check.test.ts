import fc from "fast-check";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { checkObject, describeProblem, refuseBad } from "../../../components/speakers/calico/check";
import {
  bgpConfiguration,
  bgpPeer,
  calicoObjects,
  calicoPlan,
  inOrder,
} from "../../../components/speakers/calico/objects";
import { renderCalicoV3 } from "../../../components/speakers/calico/render";
import { formatPrefix, nthOf, prefix, prefixOf } from "../../../util/net";
import { expected, kubernetesVerdicts, verdicts } from "../../helpers/verdicts";

test.each([...verdicts(), ...kubernetesVerdicts()])("$rule", ({ cases }) => {
  const ours = cases.map(({ says, document }) => [says, checkObject(document).length === 0]);
  expect(Object.fromEntries(ours)).toEqual(expected(cases));
});

const problems = (document: unknown) => checkObject(document).map(describeProblem);
const apiVersion = "projectcalico.org/v3";

test("says where, what was found, what is allowed and what to do, of all problems at once", () => {
  expect(
    problems({
      apiVersion,
      kind: "BGPPeer",
      metadata: { name: "172-16-18-32", labels: { "a b": "c" } },
      spec: {
        peerIP: "172.16.18",
        asNumber: 2 ** 32,
        node: "worker-1",
        nodeSelector: "rack = '1'",
        filters: ["known", "Other"],
      },
    }),
  ).toEqual([
    'BGPPeer 172-16-18-32: metadata.labels."a b": found "a b"; allowed: a key such as role or example.org/role',
    'BGPPeer 172-16-18-32: spec.asNumber: found 4294967296; allowed: 0 to 4294967295, or two numbers of 16 bits in quotes such as "1.10"',
    'BGPPeer 172-16-18-32: spec.filters[1]: found "Other"; allowed: 1 to 253 of a-z, 0-9, - and ., a letter or digit at either end',
    "BGPPeer 172-16-18-32: spec.nodeSelector: found \"rack = '1'\"; unexpected \"= '1'\" at character 6; allowed: a selector such as all() or role == 'rack-1'",
    'BGPPeer 172-16-18-32: spec.peerIP: found "172.16.18"; allowed: an address, or one with a port such as 192.0.2.1:179 or [2001:db8::1]:179',
    'BGPPeer 172-16-18-32: spec.node: found "worker-1"; allowed: nothing beside nodeSelector; both say the nodes that have the session',
  ]);
});

test.each([
  [[], "document: found a list; allowed: a map with apiVersion, kind, metadata and spec"],
  [null, "document: found null; allowed: a map with apiVersion, kind, metadata and spec"],
  [
    {},
    "object without a name: kind: missing; allowed: BGPConfiguration, BGPPeer, GlobalNetworkPolicy, GlobalNetworkSet, IPPool, Profile, Tier",
  ],
  [
    { kind: "IpPool", metadata: { name: "a" } },
    'IpPool a: kind: found "IpPool"; allowed: BGPConfiguration, BGPPeer, GlobalNetworkPolicy, GlobalNetworkSet, IPPool, Profile, Tier; did you mean IPPool?',
  ],
  [
    { apiVersion, kind: "Tier", metadata: { name: "a" }, spec: { odrer: 1 } },
    "Tier a: spec.odrer: unknown field; allowed: defaultAction, order; did you mean order?",
  ],
  [
    { apiVersion, kind: "IPPool", metadata: {}, spec: { cidr: "10.0.0.1/16" } },
    'IPPool without a name: metadata.name: missing; allowed: a text\nIPPool without a name: spec.cidr: found "10.0.0.1/16"; allowed: no host bits; write 10.0.0.0/16',
  ],
])("%j", (document, message) => {
  expect(problems(document).join("\n")).toBe(message);
});

const plan = {
  podCidr: "192.168.0.0/17",
  blockSize: 26,
  asn: 64511,
  reflectors: { reflector: { address: "172.16.18.32", asn: 64511 } },
  announced: {},
  natOutgoing: false,
  foreign: {},
  policy: { mode: "open", sources: {} },
} as const;

test("refuses everything that is bad before anything is sent", () => {
  const peer = bgpPeer({ address: "reflector", asn: 64511 });
  const configuration = bgpConfiguration({ ...plan, asn: -1 });
  expect(() => refuseBad([peer, configuration])).toThrow(
    expect.objectContaining({
      code: 2,
      message: [
        "2 problems in Calico's objects; nothing was sent",
        'BGPPeer reflector: spec.peerIP: found "reflector"; allowed: an address, or one with a port such as 192.0.2.1:179 or [2001:db8::1]:179',
        'BGPConfiguration default: spec.asNumber: found -1; allowed: 0 to 4294967295, or two numbers of 16 bits in quotes such as "1.10"',
      ].join("\n"),
    }),
  );
  expect(() => refuseBad([bgpPeer({ address: "172.16.18.32", asn: 64511 })])).not.toThrow();
});

test("neither objects nor text are made of a plan that Calico would refuse", () => {
  const adopted = { ...plan, adoptedPool: "a..b" };
  const message =
    /^1 problem in Calico's objects; nothing was sent\nIPPool a\.\.b: metadata\.name: /;
  expect(() => calicoObjects(adopted)).toThrow(message);
  expect(() => renderCalicoV3(adopted)).toThrow(message);
});

/** A range of a length, the first address of which is so many steps of a /24 into another. */
const inside = (outer: string, length: number, step: number): string => {
  return formatPrefix(prefixOf(nthOf(prefix(outer), step * 256), length));
};

/** Two engines, with whatever one can ask of them. */
const configs = fc.record({
  asn: fc.integer({ min: 1, max: 2 ** 32 - 2 }).filter((asn) => asn !== 23456 && asn !== 65535),
  blockSize: fc.integer({ min: 20, max: 29 }),
  length: fc.integer({ min: 12, max: 18 }),
  step: fc.nat(255),
  name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/).filter((name) => name !== "dcos"),
  natOutgoing: fc.boolean(),
  policy: fc.constantFrom("open", "cross-coe", "closed"),
  announceServices: fc.boolean(),
  balancers: fc.option(fc.integer({ min: 20, max: 30 }), { nil: undefined }),
  external: fc.option(fc.integer({ min: 24, max: 32 }), { nil: undefined }),
});

test("Calico takes what is made of any plan", () => {
  let planned = 0;
  fc.assert(
    fc.property(configs, (one) => {
      const announces = one.announceServices || (one.balancers ?? one.external) !== undefined;
      const policy = announces ? "open" : one.policy;
      const config = parseConfig({
        network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: one.asn },
        reflectors: { east: { kind: "gobgp", address: "192.0.2.251" } },
        coes: {
          dcos: {
            kind: "dcos",
            podCidr: inside("10.96.0.0/11", one.length, one.step),
            blockSize: one.blockSize,
            natOutgoing: one.natOutgoing,
            policy: "open",
            access: { url: "http://192.0.2.250", etcd: ["http://192.0.2.250:2379"] },
            nodes: { agent: { address: "192.0.2.2" } },
          },
          [one.name]: {
            kind: "kubernetes",
            podCidr: inside("10.64.0.0/11", one.length, one.step),
            serviceCidr: "10.200.0.0/16",
            blockSize: one.blockSize,
            natOutgoing: one.natOutgoing,
            policy,
            ...(policy === "cross-coe" ? { allowFrom: ["dcos"] } : {}),
            announceServices: one.announceServices,
            ...(one.balancers === undefined
              ? {}
              : { loadBalancerCidr: inside("10.201.0.0/16", one.balancers, one.step) }),
            ...(one.external === undefined
              ? {}
              : { externalCidr: inside("10.202.0.0/16", one.external, one.step) }),
            access: { kubeconfig: "~/.kube/config" },
            nodes: { worker: { address: "192.0.2.1" } },
          },
        },
      });
      const made = makePlan(config);
      for (const coe of Object.keys(made.coes)) {
        const objects = inOrder(calicoObjects(calicoPlan(made, coe)));
        expect(objects.flatMap(checkObject)).toEqual([]);
      }
      planned += 1;
    }),
  );
  expect(planned).toBeGreaterThanOrEqual(100);
});
