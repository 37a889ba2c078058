import type * as toml from "smol-toml";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { reloadSteps } from "../../../components/reflector/gobgp/steps";
import { parseGobgp, renderGobgp } from "../../../components/reflector/gobgp/toml";
import { reload } from "../../../components/reflector/reload";
import { FakeGobgpd } from "../../helpers/fake-gobgpd";

/** How often a text was read and written; a mock of jest would hold on to every one of them. */
const calls = { parse: 0, stringify: 0 };
jest.mock("smol-toml", () => {
  const real = jest.requireActual<typeof toml>("smol-toml");
  return {
    ...real,
    parse: (text: string) => {
      calls.parse++;
      return real.parse(text);
    },
    stringify: (document: unknown) => {
      calls.stringify++;
      return real.stringify(document);
    },
  };
});

const count = 400;

/** The file of a reflector with so many neighbours, all of one AS. */
function fileOf(asn: number, size = count): string {
  const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));
  const config = gobgpConfig(plan, plan.reflectors.reflector ?? fail());
  const [first = fail()] = config.neighbors;
  const neighbors = Array.from({ length: size }, (_, index) => ({
    ...first,
    config: {
      ...first.config,
      "neighbor-address": `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`,
      "peer-as": asn,
    },
  }));
  return renderGobgp({ ...config, neighbors });
}

function fail(): never {
  throw new Error("the lab has a reflector with neighbours");
}

const [current, next] = [fileOf(64511), fileOf(64600)];

function running(text: string) {
  const states = Object.entries(parseGobgp(text).neighbors).map(([address, neighbor]) => [
    address,
    { ...neighbor, established: true },
  ]);
  return Object.fromEntries(states);
}

test("a file of the way is made when it is asked for, and both ends are read only once", () => {
  const states = running(current);
  const before = { ...calls };
  const steps = reloadSteps(current, next, states);
  expect(calls).toEqual(before);
  for (let asked = 1; asked <= 10; asked++) {
    expect(steps.next().done).toBe(false);
    // Twice each: to compare their neighbours, and to write them again.
    expect(calls).toEqual({ parse: before.parse + 4, stringify: before.stringify + asked });
  }
});

test("changed neighbours are two files each, and no file is longer than the plan's", () => {
  const size = 100;
  const [from, to] = [fileOf(64511, size), fileOf(64600, size)];
  const states = running(from);
  const before = calls.stringify;
  let longest = 0;
  let steps = 0;
  for (const { text } of reloadSteps(from, to, states)) {
    longest = Math.max(longest, text.length);
    steps++;
  }
  expect(steps).toBe(2 * size + 1);
  expect(longest).toBeLessThanOrEqual(Math.max(from.length, to.length));
  // The last one is the plan's own.
  expect(calls.stringify - before).toBe(2 * size);
});

test("a reload writes no file before the daemon has the one before", async () => {
  const [from, to] = [fileOf(64511, 12), fileOf(64600, 12)];
  const daemon = new FakeGobgpd(from);
  await reload(daemon, to, { say: () => undefined });
  const told = daemon.calls.filter((call) => call === "write" || call === "hangUp");
  expect(told).toEqual(Array.from({ length: 2 * 12 + 1 }, () => ["write", "hangUp"]).flat());
  expect(await daemon.read()).toBe(to);
});
