import { calicoObjects, calicoPlan } from "../../components/calico/objects";
import { gobgpConfig } from "../../components/reflector/config";
import { readNeighbors } from "../../components/reflector/state";
import { renderGobgp } from "../../components/reflector/toml";
import { parseConfig } from "../../config";
import { makePlan } from "../../plan";
import { waitFor } from "../../util/wait";
import { parseRib } from "../../verify/parse";
import { BgpNetwork } from "../helpers/gobgp";

const own = "172.16.18.32";
const workers = ["172.16.18.34", "172.16.18.35"] as const;
const port = 1790;

const network = new BgpNetwork();
const reflector = network.speaker("reflector");
const nodes = workers.map((address) => ({ address, speaker: network.speaker(address) }));

const plan = makePlan(
  parseConfig({
    network: { nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { reflector: { kind: "gobgp", address: own, clusterId: "10.9.9.9", port } },
    coes: {
      kubernetes: {
        kind: "kubernetes",
        podCidr: ["192.168.0.0/18", "100.96.0.0/16"],
        policy: "open",
        access: { kubeconfig: "kubeconfig" },
        nodes: { "worker-1": { address: workers[0] }, "worker-2": { address: workers[1] } },
      },
    },
  }),
);

/** A node that takes no session itself: its port is the reflector's alone to answer. */
function nodeFile(address: string): string {
  return `[global.config]
as = 64511
router-id = "${address}"
port = -1
[[neighbors]]
[neighbors.config]
neighbor-address = "${own}"
peer-as = 64511
[neighbors.timers.config]
connect-retry = 1
[neighbors.transport.config]
local-address = "${address}"
remote-port = ${port}
`;
}

beforeAll(async () => {
  await network.up([own, ...workers]);
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  await reflector.write(renderGobgp(gobgpConfig(plan, found)));
  await reflector.start();
  for (const { address, speaker } of nodes) {
    await speaker.write(nodeFile(address));
    await speaker.start();
  }
}, 60_000);

afterAll(() => network.down(), 30_000);

test("nodes find a reflector at a port of its own, and its cluster-id on what comes of every range", async () => {
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error("no nodes");
  await waitFor({ what: "both sessions", timeoutMs: 60_000, intervalMs: 200 }, async () => {
    const seen = Object.values(await readNeighbors(reflector));
    return seen.length === 2 && seen.every(({ established }) => established)
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(seen) };
  });
  const prefixes = ["100.96.3.0/26", "192.168.3.0/26"];
  for (const prefix of [...prefixes, "10.1.0.0/26"])
    await first.speaker.announce(prefix, first.address);
  const rib = await waitFor(
    { what: "routes of both ranges", timeoutMs: 30_000, intervalMs: 200 },
    async () => {
      const text = await second.speaker.ask(["global", "rib"]);
      const found = parseRib(text.trim() === "" ? "{}" : text, 0).map(({ prefix }) => prefix);
      return found.length >= prefixes.length
        ? { done: true, value: { text, found: found.sort() } }
        : { done: false, seen: found.join(", ") };
    },
  );
  expect(rib.found).toEqual(prefixes);
  expect(rib.text).toContain("10.9.9.9");
}, 120_000);

test("Calico is told of the port", () => {
  const { peers } = calicoObjects(calicoPlan(plan, "kubernetes"));
  expect(peers.reflector?.metadata.name).toBe("172-16-18-32");
  expect(peers.reflector?.spec).toEqual({ asNumber: 64511, peerIP: `${own}:${port}` });
});
