import { assignIn } from "../../../components/kinds/planning";

const file = (network: string, coes: string) => `# Ours.
config:
  seamless:network:
    ${network}
  seamless:reflectors: { rr: { kind: gobgp, address: 10.1.1.1 } }
  seamless:coes:
    # The old one.
    east:
      kind: kubernetes # of 2020
      policy: open
      podCidr: 10.64.0.0/16
      access: { kubeconfig: ~/.kube/east }
      nodes:
        worker-1:   { address: 10.1.1.21 }  # odd spaces
${coes}`;

const west = `    west: {kind: kubernetes, policy: open, access: {kubeconfig: ~/.kube/west},
      nodes: {worker-2: {address: 10.1.1.31}}}
`;

test("what is missing is written where it belongs, and every other character stays", () => {
  const text = file(
    "{ supernet: 10.64.0.0/10, nodes: 10.1.1.0/24, asn: 64512, asns: perCoe }",
    west,
  );
  const { text: written, assigned } = assignIn(text, "Pulumi.x.yaml");
  expect(assigned).toEqual([
    { path: ["coes", "east", "asn"], value: 64513 },
    { path: ["coes", "west", "asn"], value: 64514 },
    { path: ["coes", "west", "podCidr"], value: "10.68.0.0/14" },
  ]);
  expect(written).toBe(
    text
      .replace("      kind: kubernetes # of", "      asn: 64513\n      kind: kubernetes # of")
      .replace("west: {kind", "west: {asn: 64514, podCidr: 10.68.0.0/14, kind"),
  );
  expect(assignIn(written, "Pulumi.x.yaml")).toEqual({ text: written, assigned: [] });
});

test("who is there keeps what it has when another one comes or goes", () => {
  const network = "{ nodes: 10.1.1.0/24, asn: 64512, asns: perServer }";
  const more = (name: string, last: number) => `        ${name}: { address: 10.1.1.${last} }\n`;
  const first = assignIn(file(network, more("worker-2", 22)), "x.yaml").text;
  expect(first).toContain("worker-1:   { asn: 64513, address: 10.1.1.21 }  # odd spaces\n");
  expect(first).toContain("worker-2: { asn: 64514, address: 10.1.1.22 }\n");
  const gone = first.replace(/ *worker-1.*\n/, "");
  const second = assignIn(`${gone}${more("worker-3", 23)}${more("worker-4", 24)}`, "x.yaml");
  expect(second.text).toContain("worker-2: { asn: 64514, address: 10.1.1.22 }\n");
  expect(second.assigned).toEqual([
    { path: ["coes", "east", "nodes", "worker-3", "asn"], value: 64513 },
    { path: ["coes", "east", "nodes", "worker-4", "asn"], value: 64515 },
  ]);
});

test("racks have numbers, and lines may end as on Windows", () => {
  const text = file(
    "nodes: { a: { cidr: 10.1.1.0/24 }, b: { cidr: 10.1.2.0/24 } }\n    asn: 64512\n    asns: perRack",
    "",
  ).replaceAll("\n", "\r\n");
  expect(assignIn(text, "x.yaml").text).toBe(
    text
      .replace("{ cidr: 10.1.1", "{ asn: 64513, cidr: 10.1.1")
      .replace("{ cidr: 10.1.2", "{ asn: 64514, cidr: 10.1.2"),
  );
});

test("a file that is wrong otherwise is refused with the places in it", () => {
  const network = "{ nodes: 10.1.1.0/24, asn: 64512, asns: perCoe }";
  const text = file(network, "").replace("policy: open", "policy: opne");
  expect(() => assignIn(text, "x.yaml")).toThrow(
    '1 problem in the configuration\nx.yaml:10:7: coes.east.policy: found "opne"; allowed: open, cross-coe, closed; did you mean open?',
  );
});

test("a merged map has what is its own, and nothing is written into an alias", () => {
  const network = "{ nodes: 10.1.1.0/24, asn: 64512, asns: perServer }";
  const shared = file(network, "").replace(
    "worker-1:   { address",
    "worker-1: &one { role: worker, address",
  );
  const merged = `${shared}        worker-2: { <<: *one, address: 10.1.1.22 }\n`;
  const written = assignIn(merged, "x.yaml").text;
  expect(written).toContain("worker-1: &one { asn: 64513, role: worker,");
  expect(written).toContain("worker-2: { asn: 64514, <<: *one,");
  const alias = file(network, "")
    .replace("config:\n", "config:\n  other:nodes: &n { worker-1: { address: 10.1.1.21 } }\n")
    .replace(/nodes:\n *worker-1:.*\n/, "nodes: *n\n");
  expect(() => assignIn(alias, "x.yaml")).toThrow(
    "coes.east.nodes.worker-1.asn: found an alias or a merge where it belongs; write asn: 64513 there by hand",
  );
});

test("numbers go on above four thousand million where the private ones are all taken", () => {
  const nodes = Array.from(
    { length: 65534 - 64512 },
    (_, index) =>
      `n${index}: {address: 10.1.${2 + Math.floor(index / 250)}.${1 + (index % 250)}, asn: ${64513 + index}}`,
  ).join(", ");
  const text = `config:
  seamless:network: {nodes: 10.1.0.0/16, asn: 64512, asns: perServer}
  seamless:reflectors: {rr: {kind: gobgp, address: 10.1.1.1}}
  seamless:coes:
    k: {kind: kubernetes, policy: open, podCidr: 10.64.0.0/12, access: {kubeconfig: ~/.kube/k},
      nodes: {${nodes}, last: {address: 10.1.1.2}}}
`;
  expect(assignIn(text, "x.yaml").assigned).toEqual([
    { path: ["coes", "k", "nodes", "last", "asn"], value: 4200000000 },
  ]);
});
