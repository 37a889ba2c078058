import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import type { RouterState } from "../../../components/reflector/contract";
import { complaint } from "../../../components/reflector/gobgp/complaint";
import { gobgpConfig, type Neighbor } from "../../../components/reflector/gobgp/config";
import { readState } from "../../../components/reflector/gobgp/state";
import { reloadSteps as lazySteps } from "../../../components/reflector/gobgp/steps";
import { parseGobgp, renderGobgp } from "../../../components/reflector/gobgp/toml";
import { differences } from "../../../components/reflector/reload";

const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));
const reflector = plan.reflectors.reflector;
if (reflector === undefined) throw new Error("no reflector in the plan");
const config = gobgpConfig(plan, reflector);
const lab = renderGobgp(config);
const [a, b, c] = ["172.16.18.43", "172.16.18.44", "172.16.18.45"];

/** The lab's file with some neighbours changed, or left out. */
function fileWith(change: (one: Neighbor, address: string) => Neighbor | undefined): string {
  const neighbors = config.neighbors.flatMap(
    (one) => change(one, one.config["neighbor-address"]) ?? [],
  );
  return renderGobgp({ ...config, neighbors });
}

const withAsn = (asn: number, ...addresses: string[]) =>
  fileWith((one, address) =>
    addresses.includes(address) ? { ...one, config: { ...one.config, "peer-as": asn } } : one,
  );

/** What a daemon has that follows its file, with all sessions up. */
function running(text: string): RouterState {
  const { neighbors, accepted, fence } = parseGobgp(text);
  const states = Object.entries(neighbors).map(([address, { asn, clusterId }]) => [
    address,
    { asn, established: true, ...(clusterId === undefined ? {} : { clusterId }) },
  ]);
  return { neighbors: Object.fromEntries(states), accepted, fence };
}

const reloadSteps = (...args: Parameters<typeof lazySteps>) => [...lazySteps(...args)];

/** Each step as what changes: the AS of the neighbours asked about, `-` where there is none. */
function walk(current: string, next: string, ...addresses: string[]) {
  return reloadSteps(current, next, running(current).neighbors).map(({ text, by, returns }) => {
    const { neighbors } = parseGobgp(text);
    const asns = addresses.map((address) => neighbors[address]?.asn ?? "-").join(" ");
    return [by, asns, ...(returns === undefined ? [] : [returns])].join(": ");
  });
}

test("tells the daemon once although nothing changed", () => {
  expect(reloadSteps(lab, lab, running(lab).neighbors)).toEqual([{ text: lab, by: "hangUp" }]);
});

test("adds and removes all at once", () => {
  const fewer = fileWith((one, address) => (address === a || address === b ? undefined : one));
  expect(walk(fewer, lab, a, b)).toEqual(["hangUp: 64511 64511"]);
  expect(walk(lab, fewer, a, b)).toEqual(["hangUp: - -"]);
  expect(reloadSteps(lab, fewer, running(lab).neighbors)).toEqual([{ text: fewer, by: "hangUp" }]);
});

test("takes changed neighbours out and back one at a time, after what is new", () => {
  const fewer = fileWith((one, address) => (address === c ? undefined : one));
  expect(walk(fewer, withAsn(64600, a, b), a, b, c)).toEqual([
    "hangUp: 64511 64511 64511",
    "hangUp: - 64511 64511",
    `hangUp: 64600 64511 64511: ${a}`,
    "hangUp: 64600 - 64511",
    `hangUp: 64600 64600 64511: ${b}`,
  ]);
});

test("ends with the file it was given, to the letter", () => {
  const next = withAsn(64600, a, b);
  expect(reloadSteps(lab, next, running(lab).neighbors).at(-1)?.text).toBe(next);
});

test("changes timers in place, one neighbour at a time, and waits for nobody", () => {
  const next = fileWith((one, address) =>
    address === a || address === b
      ? { ...one, timers: { config: { "hold-time": 9, "keepalive-interval": 3 } } }
      : one,
  );
  const steps = reloadSteps(lab, next, running(lab).neighbors);
  const calm = steps.map(({ text }) => text.match(/hold-time = 9\n/g)?.length ?? 0);
  expect(calm).toEqual([0, 1, 2]);
  expect(steps.map(({ by, returns }) => [by, returns])).toEqual(
    Array<unknown>(3).fill(["hangUp", undefined]),
  );
});

test("does not wait for a session that was down before", () => {
  const down = { ...running(lab).neighbors, [a]: { asn: 64511, established: false } };
  const steps = reloadSteps(lab, withAsn(64600, a), down);
  expect(steps.map(({ returns }) => returns)).toEqual([undefined, undefined, undefined]);
});

test("does a neighbour again that the daemon has otherwise than the file it was given", () => {
  const stale = { ...running(lab).neighbors, [a]: { asn: 64600, established: true } };
  const steps = reloadSteps(lab, lab, stale);
  expect(steps.map(({ text }) => parseGobgp(text).neighbors[a]?.asn)).toEqual([
    64511,
    undefined,
    64511,
  ]);
});

test.each([
  ["another AS", lab.replace("as = 64511", "as = 64999"), running(lab).neighbors],
  [
    "another router-id",
    lab.replace("router-id = ", 'router-id = "10.0.0.1" #'),
    running(lab).neighbors,
  ],
  ["no file", undefined, running(lab).neighbors],
  ["a daemon that does not answer", lab, undefined],
  ["a file that nobody can read", "nonsense", running(lab).neighbors],
  ["such a file, and a daemon that does not answer", "nonsense", undefined],
])("restarts for %s", (_, current, neighbors) => {
  expect(reloadSteps(current, lab, neighbors)).toEqual([{ text: lab, by: "restart" }]);
});

test("finds nothing different where all is as the file says", () => {
  expect(differences(parseGobgp(lab), running(lab))).toEqual([]);
});

test("names everything that is different", () => {
  const state = running(lab);
  const { [a]: _gone, ...others } = state.neighbors;
  const found: RouterState = {
    ...state,
    neighbors: {
      ...others,
      [b]: { asn: 64600, established: false },
      "172.16.18.99": { asn: 64511, established: false },
    },
    fence: ["from anywhere: everything else", ...state.fence.slice(1)],
  };
  expect(differences(parseGobgp(lab), found)).toEqual([
    `neighbour ${a} is missing`,
    `neighbour ${b} has AS 64600 instead of AS 64511, cluster-id 172.16.18.32`,
    "neighbour 172.16.18.99 is not planned",
    "not accepted from 172.16.18.33/32: 192.168.0.0/17 26..26 by 172.16.18.33, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities",
    "accepted but not planned from anywhere: everything else",
  ]);
});

test("reads what GoBGP prints, zero values left out", async () => {
  const printed: Record<string, string> = {
    neighbor: `[{"conf":{"neighbor_address":"10.0.0.2","peer_asn":64511},"state":{"session_state":6},
      "route_reflector":{"route_reflector_client":true,"route_reflector_cluster_id":"10.0.0.1"}},
      {"conf":{"neighbor_address":"10.0.0.3"},"state":{"peer_asn":64600},"route_reflector":{}}]`,
    "global policy":
      `{"name":"global","direction":1,"default_action":2,"policies":[{"name":"fence","statements":[{"name":"x",
      "conditions":{"prefix_set":{"name":"p"},"neighbor_set":{"name":"n"},"next_hop_in_list":["10.0.0.2"]},
      "actions":{"route_action":1}}]}]}`
        .replaceAll(/\n */g, "")
        .concat('\n{"name":"global","direction":2,"default_action":1}\n'),
    "policy prefix": `[{"name":"p","prefixes":[{"ip_prefix":"192.168.0.0/17","mask_length_min":26,"mask_length_max":32}]}]`,
    "policy neighbor": `[{"name":"n","list":["10.0.0.2/32"]}]`,
  };
  const ask = async (args: readonly string[]) => printed[args.join(" ")] ?? "";
  expect(await readState({ ask })).toEqual({
    neighbors: {
      "10.0.0.2": { asn: 64511, clusterId: "10.0.0.1", established: true },
      "10.0.0.3": { asn: 64600, established: false },
    },
    accepted: [
      {
        neighbors: ["10.0.0.2/32"],
        prefix: "192.168.0.0/17",
        lengths: "26..32",
        nextHops: ["10.0.0.2"],
        asPath: "",
      },
    ],
    fence: ["from 10.0.0.2/32: 192.168.0.0/17 26..32 by 10.0.0.2"],
  });
});

test("statements that name no prefixes or neighbours, or all but some, are told beside the fence", async () => {
  // As GoBGP 4.8 prints a policy that was made by `gobgp policy` on the running daemon.
  const statements = [
    '{"name":"wide","conditions":{},"actions":{"route_action":1}}',
    '{"name":"turned","conditions":{"prefix_set":{"type":3,"name":"far"}},"actions":{"route_action":1}}',
    '{"name":"idle","conditions":{},"actions":{}}',
  ];
  const printed: Record<string, string> = {
    "global policy":
      `{"name":"global","direction":1,"policies":[{"name":"p","statements":[${statements}]}],"default_action":2}\n` +
      '{"name":"global","direction":2,"default_action":1}\n',
    "policy prefix":
      '[{"defined_type":1,"name":"far","prefixes":[{"ip_prefix":"10.0.0.0/8","mask_length_min":8,"mask_length_max":32}]}]',
  };
  const ask = async (args: readonly string[]) => printed[args.join(" ")] ?? "null";
  expect(await readState({ ask })).toEqual({
    neighbors: {},
    accepted: [],
    fence: [
      "from anywhere: any prefix, by statement turned",
      "from anywhere: any prefix, by statement wide",
    ],
  });
});

test("a daemon without neighbours and without a fence prints null", async () => {
  const open = '{"name":"global","direction":1,"default_action":1}\n';
  const ask = async (args: readonly string[]) => (args[0] === "global" ? open : "null");
  expect(await readState({ ask })).toEqual({
    neighbors: {},
    accepted: [],
    fence: ["from anywhere: everything else"],
  });
});

test("quotes what gobgpd has against a file", () => {
  const stdout = `{"level":"WARN","msg":"noise","Error":"x"}
{"level":"ERROR","msg":"Can't read config file","File":"/dev/stdin","Error":"decoding failed:\\n\\n'a' has invalid keys: b"}
`;
  const result = { code: 1, stdout, stderr: "" };
  expect(complaint(result)).toBe(
    "Can't read config file: decoding failed: 'a' has invalid keys: b",
  );
  expect(complaint({ code: -1, stdout: "", stderr: "", failure: "timed out after 5 ms" })).toBe(
    "gobgpd -d: timed out after 5 ms",
  );
});
