import { joinCommand, joinFault, joinRequest } from "../../../components/swarm/lab/join";

const token = "SWMTKN-1-secret";

test("the token is in the body of the request alone", () => {
  expect(joinCommand.join(" ")).not.toMatch(/token/i);
  expect(JSON.parse(joinRequest("172.16.18.52", "172.16.18.51", token))).toEqual({
    ListenAddr: "0.0.0.0:2377",
    AdvertiseAddr: "172.16.18.52",
    RemoteAddrs: ["172.16.18.51:2377"],
    JoinToken: token,
  });
});

test.each([
  ["joined", 0, "\n200", "", undefined],
  [
    "refused",
    0,
    '{"message":"This node is already part of a swarm."}\n\n503',
    "",
    'HTTP 503: {"message":"This node is already part of a swarm."} ',
  ],
  [
    "no daemon",
    7,
    "\n000",
    "curl: (7) Couldn't connect",
    "curl: exit code 7: curl: (7) Couldn't connect",
  ],
])("what the daemon says: %s", (_, code, stdout, stderr, fault) => {
  expect(joinFault({ code, stdout, stderr })).toBe(fault);
});
