import type { SpeakerSession } from "../../../components/ask/router";
import type { AcceptanceState, Observation } from "../../../verify/types";
import { accepted, healthy, ok, podBlock, speaking, taskBlock } from "./fixture";
import { judge, verdict, worker } from "./judged";

/* What is expected comes from the nodes' own speakers, and from what the reflector says that it accepts. */

describe("the node's own end of its sessions", () => {
  const id = `speaker/${worker}`;
  const [established] = speaking("172.16.18.34", podBlock, taskBlock).sessions;
  if (established === undefined) throw new Error("no session");
  const withSessions = (...sessions: SpeakerSession[]): Observation => ({
    ...healthy,
    speakers: {
      ...healthy.speakers,
      [worker]: ok("birdcl", { routerId: "172.16.18.34", sessions }),
    },
  });

  test.each<[string, SpeakerSession[], string]>([
    ["without its session", [], "no session with 172.16.18.32 (reflector)"],
    [
      "with another AS",
      [{ ...established, asn: 64512 }],
      "Global_172_16_18_32: 172.16.18.32 AS 64512 (should be 64511)",
    ],
    [
      "whose session is down",
      [{ ...established, state: "Active", problem: "Received: Bad peer AS" }],
      "Global_172_16_18_32: 172.16.18.32 Active: Received: Bad peer AS",
    ],
    [
      "whose session with another node is on again",
      [established, { ...established, name: "Mesh_172_16_18_43", address: "172.16.18.43" }],
      "session Mesh_172_16_18_43 with 172.16.18.43 AS 64511 (Established), which is dcos/agent-1: not in the plan",
    ],
    [
      "that has its session for much longer than the reflector",
      [{ ...established, uptimeSeconds: 9_000 }],
      "it has its session with reflector for 9000 s, and reflector has it for 65 s: they do not talk with each other",
    ],
    [
      "with a stranger who brings routes of containers",
      [
        established,
        {
          ...{ ...established, name: "Node_10_0_0_1", address: "10.0.0.1", asn: 64600 },
          imported: [{ prefix: "192.168.0.0/16", via: "10.0.0.1" }],
        },
      ],
      "session Node_10_0_0_1 with 10.0.0.1 AS 64600 (Established) brings 192.168.0.0/16 via 10.0.0.1",
    ],
  ])("a node %s fails", (_, sessions, text) => {
    expect(verdict(id, withSessions(...sessions))).toEqual({
      status: "fail",
      asked: "birdcl",
      found: text,
    });
  });

  test("a session that does not come up is one fault, whatever its state and its last error are", () => {
    const closed = {
      ...established,
      state: "Active",
      problem: "Socket: Connection closed",
    } as const;
    const reset = {
      ...established,
      state: "Connect",
      problem: "Socket: Connection reset by peer",
    } as const;
    const mesh = { ...established, name: "Mesh_172_16_18_43", address: "172.16.18.43" };
    const sames = (...sessions: SpeakerSession[]) =>
      judge(id, withSessions(...sessions)).faults?.map((fault) =>
        typeof fault === "string" ? fault : fault.same,
      );
    const [first] = sames(closed) ?? [];
    for (const sessions of [[reset], [{ ...established, asn: 64512 }], []])
      expect(sames(...sessions)).toEqual([first]);
    expect(sames(established, mesh)).toEqual(sames(established, { ...mesh, state: "Idle" }));
    expect(sames(established, mesh)).not.toEqual([first]);
  });

  test("a session with a router outside the plan stays, as long as it brings no routes of containers", () => {
    const other = {
      ...{ ...established, name: "Node_10_0_0_1", address: "10.0.0.1", asn: 64600 },
      imported: [
        { prefix: "0.0.0.0/0", via: "10.0.0.1" },
        { prefix: "10.1.0.0/16", via: "10.0.0.1" },
      ],
    };
    expect(verdict(id, withSessions(established, other)).status).toBe("pass");
  });

  test("BIRD that tells the day alone says nothing against the other end", () => {
    const { uptimeSeconds: _, ...older } = established;
    expect(verdict(id, withSessions(older)).status).toBe("pass");
  });
});

describe("what the reflector accepts", () => {
  const [[mine], [other, address]] = [
    accepted("172.16.18.34", "192.168.0.0/17"),
    accepted("172.16.18.43", "192.168.128.0/17"),
  ];
  if (mine === undefined || other === undefined || address === undefined)
    throw new Error("nothing accepted");
  const sets = "set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities";
  const rest = accepted("172.16.18.34", "192.168.0.0/17").slice(1);
  const state = healthy.accepts.reflector;
  if (state?.ok !== true) throw new Error("no state");
  const accepts = (change: Partial<AcceptanceState>): Observation => ({
    ...healthy,
    accepts: { reflector: ok("gobgp", { ...state.value, ...change }) },
  });

  test.each<[string, Partial<AcceptanceState>, string]>([
    [
      "a default that accepts",
      { beside: ["from anywhere: everything else"] },
      "accepts from anywhere: everything else",
    ],
    [
      "a range more",
      { accepted: [mine, ...rest, other, address, { ...mine, prefix: "10.0.0.0/8" }] },
      `accepts 10.0.0.0/8 26..26 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "another next hop",
      {
        accepted: [
          { ...mine, nextHops: ["172.16.18.34", "172.16.18.99"] },
          ...[...rest, other, address],
        ],
      },
      `accepts 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.99, ${sets}`,
    ],
    [
      "a statement about any neighbour",
      { accepted: [mine, ...rest, other, address, { ...other, neighbors: [] }] },
      `accepts 192.168.128.0/17 26..26 from anybody by 172.16.18.43, ${sets}`,
    ],
    [
      "a range less",
      { accepted: [mine, ...rest, address] },
      `does not accept 192.168.128.0/17 26..26 from 172.16.18.43 by 172.16.18.43, ${sets}`,
    ],
    [
      "lengths in between",
      { accepted: [{ ...mine, lengths: "26..32" }, other, address] },
      `accepts 192.168.0.0/17 26..32 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "a LOCAL_PREF of the node's own choice",
      { accepted: [{ ...mine, sets: "no communities" }, ...rest, other, address] },
      `accepts 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.34, set to no communities; does not accept 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "a neighbour that is no client",
      {
        neighbours: {
          ...state.value.neighbours,
          "172.16.18.43": { asn: 64511, established: true },
        },
      },
      "neighbour 172.16.18.43 has no reflector client",
    ],
  ])("%s fails", (_, change, text) => {
    expect(verdict("acceptance/reflector", accepts(change))).toEqual({
      status: "fail",
      asked: "gobgp",
      found: text,
    });
  });
});

test("a daemon that writes the same prefixes in other words accepts the same", () => {
  const state = healthy.accepts.reflector;
  if (state?.ok !== true) throw new Error("no state");
  const parts = ["192.168.0.0/18", "192.168.64.0/18"].flatMap((range) =>
    accepted("172.16.18.34", range),
  );
  const value = { ...state.value, accepted: [...parts, ...state.value.accepted.slice(2)] };
  const seen = { ...healthy, accepts: { reflector: ok("bird", value) } };
  expect(verdict("acceptance/reflector", seen)).toEqual({
    status: "pass",
    asked: "bird",
    found: "2 neighbours, each with its own ranges; all else refused",
  });
});
