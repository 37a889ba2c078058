/**
 * How fast the lab comes up, how much a preview costs and how soon a new agent is reachable, each as a ratio of two
 * figures of this run; see bench/README.md. Brings a lab of its own up and takes it down again.
 */
import { join, resolve } from "node:path";
import { parse, stringify } from "smol-toml";
import { makePlan, readStackConfig } from "../components/kinds/planning";
import { gobgpConfig } from "../components/reflector/gobgp/config";
import { reloadSteps } from "../components/reflector/gobgp/steps";
import { parseGobgp, renderGobgp } from "../components/reflector/gobgp/toml";
import { TestLab } from "../test/helpers/lab";
import { type ChangeRow, changes } from "./change";
import { measuredKinds } from "./daemons";
import { busySeconds, readOperations } from "./events";
import { failovers } from "./failover";
import { verifyNodes } from "./nodes";
import { previewCost } from "./preview";
import { programsOnHost } from "./programs";
import { measure, type ReflectorRow } from "./reflectors";
import { costs } from "./scale";
import { streams } from "./stream";
import { middle, seconds } from "./times";

const project = resolve(__dirname, "..");
const rounds = 3;
const turns = 7;

async function median(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await seconds(run));
  return middle(times);
}

function say(what: string, figures: Readonly<Record<string, number>>, goal: string): void {
  const list = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  process.stdout.write(`${what}: ${list.join(", ")} (goal: ${goal})\n`);
}

/** From built tools and images to a verified lab; how much of it no resource was worked on. */
async function bringUp(lab: TestLab): Promise<void> {
  const log = join(lab.state, "events.json");
  const up = await seconds(async () => lab.must(await lab.up(["--event-log", log])));
  const verify = await seconds(async () =>
    lab.must(await lab.seamless(["verify", "--stack", lab.stack, "--wait", "120s"])),
  );
  const operations = await readOperations(log);
  const ours = up - busySeconds(operations);
  say(
    "up to verified",
    { seconds: up + verify, "engine and program": ours, share: ours / (up + verify) },
    "120 s, share 0.25",
  );
  const slowest = operations
    .map(({ urn, start, end }) => ({ name: urn.split("::").slice(-1).join(), time: end - start }))
    .sort((a, b) => b.time - a.time)
    .slice(0, 8);
  for (const { name, time } of slowest) process.stdout.write(`  ${time} s  ${name}\n`);
}

/** A preview without changes against stacks of as many resources: one that needs no provider, and one that starts as many. */
async function preview(lab: TestLab): Promise<void> {
  const { count, median } = await previewCost(lab, turns);
  say(
    `no-op preview of ${count} resources`,
    {
      ...{ seconds: median.ours, "engine only": median.engine, ratio: median.ratio },
      ...{ "providers alone": median.providers, "ratio of these": median.floor },
    },
    "ratio 1.25",
  );
}

/** What an update worked on, in seconds from its beginning. */
async function timeline(log: string): Promise<void> {
  const operations = await readOperations(log);
  const begin = Math.min(...operations.map(({ start }) => start));
  for (const { urn, start, end } of operations.sort((a, b) => a.start - b.start))
    process.stdout.write(`  ${start - begin} to ${end - begin} s  ${urn.split("::").at(-1)}\n`);
}

/** One agent more: seconds until its route is on every node, beyond an update that changes nothing. */
async function addAgent(lab: TestLab): Promise<void> {
  const idle = await median(async () => lab.must(await lab.up()));
  await lab.configure([
    [["seamless:coes", "dcos", "nodes", "agent-4"], { address: "172.16.18.47" }],
  ]);
  const log = join(lab.state, "agent.json");
  const grown = await seconds(async () => {
    lab.must(await lab.up(["--event-log", log]));
    lab.must(
      await lab.seamless([
        ...["verify", "--stack", lab.stack, "--wait", "60s"],
        ...["--only", "rib/origin/dcos/agent-4", "fib"],
      ]),
    );
  });
  say(
    "one agent more",
    { seconds: grown, "no-op up": idle, beyond: grown - idle },
    "5 s beyond the no-op up",
  );
  await timeline(log);
}

/** The files on the way of a reflector all of whose 400 neighbours change, against one of them written as often. */
async function reloadFiles(): Promise<void> {
  const [from, to] = [reflectorFile(400, 64511), reflectorFile(400, 64600)];
  const neighbors = Object.entries(parseGobgp(from).neighbors);
  const running = Object.fromEntries(
    neighbors.map(([address, one]) => [address, { ...one, established: true }]),
  );
  let files = 0;
  const way = await seconds(async () => {
    for (const _ of reloadSteps(from, to, running)) files++;
  });
  const document = parse(to);
  const bare = await seconds(async () => {
    for (let index = 0; index < files; index++) stringify(document);
  });
  say(`${files} files of a reload`, { seconds: way, bare, ratio: way / bare }, "ratio 1.25");
}

/** The lab's file with so many neighbours of one AS. */
function reflectorFile(count: number, asn: number): string {
  const plan = makePlan(readStackConfig(join(project, "Pulumi.lab.yaml")));
  const files = Object.values(plan.reflectors).map((one) => gobgpConfig(plan, one));
  const [config, first] = [files[0], files[0]?.neighbors[0]];
  if (config === undefined || first === undefined) throw new Error("the lab has no reflector");
  const neighbors = Array.from({ length: count }, (_, index) => {
    const address = `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    const own = { ...first.config, "neighbor-address": address, "peer-as": asn };
    return { ...first, config: own };
  });
  return renderGobgp({ ...config, neighbors });
}

/** All layers of a hundred nodes, against the same questions, and the commands one types for them, one after the other. */
async function manyNodes(): Promise<void> {
  const figures = await verifyNodes(100, rounds);
  for (const row of figures) raw(row);
  const [seconds, sequential, typed] = [
    middle(figures.map(({ verify }) => verify)),
    middle(figures.map((one) => one.sequential)),
    middle(figures.map((one) => one.typed)),
  ];
  const { questions = 0, commands = 0, atOnce = 0 } = figures[0] ?? {};
  say(
    `verify of 100 nodes, at most ${atOnce} programs at a time`,
    {
      ...{ seconds, [`${questions} questions`]: sequential, [`${commands} commands`]: typed },
      "ratio to the questions": middle(figures.map((one) => one.verify / one.sequential)),
      "ratio to the commands": middle(figures.map((one) => one.verify / one.typed)),
    },
    "30 s, ratio 0.5",
  );
}

/** What plan and rendering cost at 5,000 nodes, and how that grows from half as many. */
async function manyInThePlan(): Promise<void> {
  const [half, whole] = [await costs(2500), await costs(5000)];
  for (const [command, { cpu, megabytes }] of Object.entries(whole)) {
    const ratio = cpu / (half[command]?.cpu ?? Number.NaN);
    say(
      `${command}, 5,000 nodes`,
      { "CPU seconds": cpu, MB: megabytes, ratio },
      "ratio 2.2 to half the nodes",
    );
  }
}

/** Rendered and bare files of each kind of reflector, in turns. */
async function reflectors(): Promise<void> {
  for (const kind of measuredKinds)
    for (const clients of [10, 50, 100]) {
      const rows: [ReflectorRow, ReflectorRow][] = [];
      for (let turn = 0; turn < rounds; turn++)
        rows.push([await measure(kind, "rendered", clients), await measure(kind, "bare", clients)]);
      for (const pair of rows) for (const row of pair) raw(row);
      say(
        `${kind}, ${clients} clients, 10 blocks each`,
        {
          seconds: middle(rows.map(([{ all }]) => all)),
          bare: middle(rows.map(([, { all }]) => all)),
          ratio: middle(rows.map(([one, other]) => one.all / other.all)),
          "one block p50": middle(rows.map(([{ one }]) => one.p50)),
          p99: middle(rows.map(([{ one }]) => one.p99)),
          "MB a client": middle(rows.map(([{ megabytesPerClient }]) => megabytesPerClient)),
        },
        "ratio 1.15",
      );
    }
}

/** A changed neighbour among 400 of a gobgpd. */
async function neighbourChanges(): Promise<void> {
  const turnsOf: ChangeRow[][] = [];
  for (let turn = 0; turn < rounds; turn++) turnsOf.push(await changes(400));
  for (const row of turnsOf.flat()) raw(row);
  for (const { change, neighbours } of turnsOf[0] ?? []) {
    const rows = turnsOf.flat().filter((row) => row.change === change);
    say(
      `gobgp, ${neighbours} neighbours, ${change}`,
      {
        seconds: middle(rows.map(({ ours }) => ours)),
        "by hand": middle(rows.map(({ bare }) => bare)),
      },
      "2 s",
    );
  }
}

/** Packets lost while reflectors are away. */
async function losses(): Promise<void> {
  for (const kind of measuredKinds)
    for (const row of await failovers(kind)) {
      raw(row);
      const { failure, sent, lost, gap } = row;
      say(`${kind}: ${failure}`, { sent, lost, gap }, "0 lost");
    }
}

/** A stream by routes of BGP against one by the same routes written by hand. */
async function throughput(): Promise<void> {
  const rows = await streams(10);
  for (const row of rows) raw(row);
  say(
    "stream",
    {
      "Gbit/s": middle(rows.map(({ bgp }) => bgp)),
      "by hand": middle(rows.map(({ byHand }) => byHand)),
      ratio: middle(rows.map(({ bgp, byHand }) => bgp / byHand)),
    },
    "ratio 0.98",
  );
}

/** Programs on a host over one connection of SSH, against a login for each. */
async function programsThere(): Promise<void> {
  const rows = await programsOnHost(rounds);
  for (const row of rows) raw(row);
  say(
    `${rows[0]?.programs} programs on a host`,
    {
      seconds: middle(rows.map(({ shared }) => shared)),
      "a login for each": middle(rows.map(({ logins }) => logins)),
      ratio: middle(rows.map(({ shared, logins }) => shared / logins)),
    },
    "ratio 0.25",
  );
}

/** One row as it was measured. */
function raw(row: object): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

/** What needs no lab, by name. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  reload: reloadFiles,
  change: neighbourChanges,
  nodes: manyNodes,
  scale: manyInThePlan,
  reflectors,
  failover: losses,
  stream: throughput,
  programs: programsThere,
};

/** @param named what is measured; all where nothing is named */
async function main(named: readonly string[]): Promise<void> {
  const wanted = (part: string) => named.length === 0 || named.includes(part);
  for (const [part, run] of Object.entries(parts)) if (wanted(part)) await run();
  if (!wanted("preview") && !wanted("agent")) return;
  // Without it pulumi has no flag --event-log.
  process.env.PULUMI_DEBUG_COMMANDS = "true";
  const lab = new TestLab(
    "Pulumi.lab.yaml",
    { kubernetes: 36443, etcd: 32379, dcos: 38080 },
    "bench",
  );
  await lab.init();
  try {
    await bringUp(lab);
    if (wanted("preview")) await preview(lab);
    if (wanted("agent")) await addAgent(lab);
  } finally {
    lab.must(await lab.destroy());
    await lab.forget();
  }
}

void main(process.argv.slice(2));
