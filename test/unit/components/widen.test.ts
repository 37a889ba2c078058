import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { narrowReflector, widenReflector } from "../../../components/reflector/change";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { parseGobgp, renderGobgp } from "../../../components/reflector/gobgp/toml";
import { widen } from "../../../components/reflector/gobgp/widen";
import type { CoeConfig } from "../../../config/types";
import { FakeGobgpd } from "../../helpers/fake-gobgpd";

const lab = readStackConfig("Pulumi.lab.yaml");
const now = new Date("2026-01-02T03:04:05Z");

/** The reflector's file for the lab's Kubernetes, with something else about it. */
function fileOf(change: Partial<CoeConfig> = {}): string {
  const { kubernetes } = lab.coes;
  if (kubernetes === undefined) throw new Error("not the reference lab");
  const plan = makePlan({ ...lab, coes: { kubernetes: { ...kubernetes, ...change } } });
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  return renderGobgp(gobgpConfig(plan, found));
}

const [first, second] = ["172.16.18.34", "172.16.18.35"];
const one = { nodes: { "worker-1": { address: first } } };
const other = { nodes: { "worker-2": { address: second } } };
const outside = { nodes: { "worker-1": { address: first, asn: 64600 } } };
const moved = { ...one, podCidr: "192.168.64.0/18" };

/** What a daemon has that follows its file. */
function running(file: string) {
  const { neighbors, accepted } = parseGobgp(file);
  return { file, neighbors: Object.keys(neighbors), accepted };
}

const said: string[] = [];
const options = { now, say: (message: string) => said.push(message), settleMs: 300 };
afterEach(() => said.splice(0));

/** What is accepted of a node in lines: its blocks, and single addresses. */
const linesOf = (address: string, range: string) =>
  ["26..26", "32..32"].map(
    (lengths) =>
      `from ${address}/32: ${range} ${lengths} by ${address}, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities`,
  );

test("where nothing is to go, the file is the plan's to the letter", () => {
  expect(widen(fileOf(), running(fileOf()))).toEqual({ text: fileOf(), kept: [] });
  expect(widen(fileOf(), running(fileOf(one)))).toEqual({ text: fileOf(), kept: [] });
});

test("a range that is to go is accepted beside the new one, from the same node by the same next hop", () => {
  const { text, kept } = widen(fileOf(moved), running(fileOf(one)));
  expect(parseGobgp(text).fence).toEqual([
    ...linesOf("172.16.18.34", "192.168.0.0/17"),
    ...linesOf("172.16.18.34", "192.168.64.0/18"),
  ]);
  expect(kept).toEqual([...linesOf("172.16.18.34", "192.168.0.0/17")]);
});

test("a neighbour that is to go stays with what it announces, and new ones are there beside it", () => {
  const { text, kept } = widen(fileOf(other), running(fileOf(one)));
  const { neighbors, fence } = parseGobgp(text);
  expect(neighbors).toEqual({
    ...parseGobgp(fileOf(other)).neighbors,
    ...parseGobgp(fileOf(one)).neighbors,
  });
  expect(fence).toEqual([
    ...linesOf("172.16.18.34", "192.168.0.0/17"),
    ...linesOf("172.16.18.35", "192.168.0.0/17"),
  ]);
  expect(kept).toEqual(["neighbour 172.16.18.34", ...linesOf("172.16.18.34", "192.168.0.0/17")]);
});

test("a neighbour in another AS goes on being told the next hops of others until it goes", () => {
  const { text } = widen(fileOf(other), running(fileOf(outside)));
  expect(text).toContain('export-policy-list = [ "next-hop-unchanged" ]');
  expect(text).toContain(`neighbor-set-name = "next-hop-unchanged"
neighbor-info-list = [ "172.16.18.34/32" ]`);
  expect(text).toContain('name = "next-hop-unchanged"\n');
  const both = { nodes: { ...outside.nodes, "worker-2": { address: second, asn: 64600 } } };
  const planned = { nodes: { "worker-2": { address: second, asn: 64600 } } };
  expect(widen(fileOf(planned), running(fileOf(both))).text).toContain(
    'neighbor-info-list = [ "172.16.18.35/32", "172.16.18.34/32" ]',
  );
});

test("the last node of all goes last, too", () => {
  const { text } = widen(fileOf({ nodes: {} }), running(fileOf(one)));
  expect(Object.keys(parseGobgp(text).neighbors)).toEqual([first]);
  expect(parseGobgp(text).fence).toEqual(parseGobgp(fileOf(one)).fence);
});

test("what is widened twice is as wide as once", () => {
  const { text } = widen(fileOf(moved), running(fileOf(one)));
  const again = widen(fileOf(moved), running(text));
  expect(parseGobgp(again.text)).toEqual(parseGobgp(text));
  const { text: back } = widen(fileOf(one), running(text));
  expect(parseGobgp(back).fence).toEqual(parseGobgp(text).fence);
});

test("what the daemon accepts counts, and not its file; ranges from neighbours it does not have do not", () => {
  const accepted = parseGobgp(fileOf(moved)).accepted;
  const { kept } = widen(fileOf(one), { file: fileOf(one), neighbors: [first], accepted });
  expect(kept).toEqual([...linesOf("172.16.18.34", "192.168.64.0/18")]);
  const gone = { file: fileOf(one), neighbors: [], accepted };
  expect(widen(fileOf(other), gone)).toEqual({ text: fileOf(other), kept: [] });
});

test("a daemon is widened, then narrowed, and tells of both", async () => {
  const daemon = new FakeGobgpd(fileOf(one));
  expect(await widenReflector(daemon, fileOf(moved), options)).toBe(
    "reflector: 1 neighbours, 4 ranges accepted, of these 2 until the end of the update of 2026-01-02T03:04:05.000Z",
  );
  expect(said).toEqual(
    linesOf("172.16.18.34", "192.168.0.0/17").map(
      (line) => `reflector keeps until the COEs have moved: ${line}`,
    ),
  );
  expect(await narrowReflector(daemon, fileOf(moved), options)).toBe("reflector: as planned");
  expect(await daemon.read()).toBe(fileOf(moved));
  // The second time it is not even told to read its file.
  const calls = daemon.calls.length;
  expect(await narrowReflector(daemon, fileOf(moved), options)).toBe("reflector: as planned");
  expect(daemon.calls.slice(calls)).toEqual(["read"]);
});

test("a daemon that does not follow its file is told again", async () => {
  const daemon = new FakeGobgpd(fileOf(one));
  await daemon.write(fileOf(moved));
  await narrowReflector(daemon, fileOf(moved), options);
  expect(daemon.calls.filter((call) => call === "hangUp")).toEqual(["hangUp"]);
});

test("a daemon that does not answer yet keeps what its file has", async () => {
  const daemon = new FakeGobgpd(fileOf(one));
  const ask = daemon.ask.bind(daemon);
  let asked = 0;
  daemon.ask = async (args) => {
    if (asked++ === 0) throw new Error("connection refused");
    return ask(args);
  };
  expect(await widenReflector(daemon, fileOf(moved), options)).toMatch(
    /^reflector: 1 neighbours, 4 ranges accepted, of these 2 until /,
  );
});
