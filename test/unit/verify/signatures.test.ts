import { sessionChecks } from "../../../verify/checks/session";
import { liveSession } from "../../../verify/explain/links/session";
import { type Dropped, parseSignatures, signaturesCommand } from "../../../verify/signatures";
import type { Observation } from "../../../verify/types";
import { plan as bare, healthy, neighbour, no, ok } from "./fixture";

const id = "reflector/kubernetes/worker-1";
const planned = bare.sessions[id];
if (planned === undefined) throw new Error(`no session ${id} in the fixture`);
const session = { ...planned, password: "kubernetes" };
const plan = { ...bare, sessions: { ...bare.sessions, [id]: session } };
const [check] = sessionChecks(plan).filter((one) => one.id === `session/${id}`);

const nothing: Dropped = { unsigned: 0, unexpected: 0, different: 0 };

/** The session is Active, and the node's kernel has dropped something. */
function seen(dropped: Partial<Dropped>): Observation {
  return {
    ...healthy,
    neighbours: {
      reflector: ok("reflector: gobgp -j neighbor", [
        neighbour(planned?.b.address ?? "", { state: "Active" }),
        neighbour("172.16.18.43"),
      ]),
    },
    signatures: {
      "kubernetes/worker-1": ok("kubernetes/worker-1: grep", { ...nothing, ...dropped }),
    },
  };
}

const grows = (counter: string) =>
  `the kernel of kubernetes/worker-1 drops its packets (${counter} grows)`;

const table: readonly (readonly [Partial<Dropped>, string, string])[] = [
  [
    { different: 3 },
    "reflector and kubernetes/worker-1 have different passwords",
    `reflector and kubernetes/worker-1 have different passwords of seamless:bgpPasswords.kubernetes: ${grows("TCPMD5Failure")}`,
  ],
  [
    { unexpected: 1 },
    "kubernetes/worker-1 has no password",
    `kubernetes/worker-1 has not the password of seamless:bgpPasswords.kubernetes, which reflector has: ${grows("TCPMD5Unexpected")}`,
  ],
  [
    { unsigned: 1 },
    "reflector has no password",
    `reflector has not the password of seamless:bgpPasswords.kubernetes, which kubernetes/worker-1 has: ${grows("TCPMD5NotFound")}`,
  ],
];

test.each(table)("%j: verify and explain name the cause", (dropped, found, cause) => {
  expect(check?.judge(seen(dropped))).toMatchObject({
    status: "fail",
    found: `Active: ${found}`,
    cause,
  });
  const { says, status, why } = liveSession(plan, session, seen(dropped));
  expect([says.split(": ").at(-1), status, why]).toEqual([found, "broken", cause]);
});

test("a kernel that drops nothing, or that could not be asked, leaves what is likely", () => {
  const likely =
    "kubernetes/worker-1 has not the password of seamless:bgpPasswords.kubernetes, or none; or its speaker is down";
  const away = { ...seen({}), signatures: { "kubernetes/worker-1": no("worker", "gone") } };
  for (const one of [seen({}), away])
    expect(check?.judge(one)).toMatchObject({ found: "Active", cause: likely });
});

test("a session that is up passes, whatever was dropped", () => {
  expect(check?.judge({ ...seen({ different: 3 }), neighbours: healthy.neighbours })).toMatchObject(
    {
      status: "pass",
    },
  );
});

test("nodes are asked for what they drop where their sessions have passwords", () => {
  expect(check?.needs).toEqual(["neighbours/reflector", "signatures/kubernetes/worker-1"]);
  const [other] = sessionChecks(bare).filter((one) => one.id === `session/${id}`);
  expect(other?.needs).toEqual(["neighbours/reflector"]);
});

test("addresses are written as the kernel writes them, by words with the last byte first", () => {
  const [, , , , ...remotes] = signaturesCommand(["172.16.18.1", "2001:db8::1"]);
  expect(remotes).toEqual(["011210AC", "B80D0120000000000000000001000000"]);
});

test("what is told is by how much the counters have grown", () => {
  const text =
    "TCPMD5NotFound 4\nTCPMD5Unexpected 7\nTCPMD5Failure 0\n--\nTCPMD5NotFound 4\nTCPMD5Unexpected 9\nTCPMD5Failure 1\n";
  expect(parseSignatures(text)).toEqual({ unsigned: 0, unexpected: 2, different: 1 });
  expect(() => parseSignatures("--\n")).toThrow("no counters of TCP MD5");
});
