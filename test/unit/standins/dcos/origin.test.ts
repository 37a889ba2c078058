import { foreignRequest } from "../../../../standins/dcos/router/origin";

const json = { "content-type": "application/json", "content-length": "2" };
const here = "127.0.0.1:18080";

test.each<[string, Record<string, string>]>([
  ["a client by loopback", { host: here }],
  ["a client by a name of loopback", { host: "localhost:18080" }],
  ["a client by IPv6", { host: "[::1]:18080" }],
  ["a client inside by an address", { host: "172.16.18.42" }],
  ["a client inside by a name of Mesos", { host: "master.mesos" }],
  ["Marathon's own page, which has the same origin", { host: here, origin: `http://${here}` }],
  ["JSON", { host: here, ...json }],
  [
    "JSON with a character set",
    { host: here, ...json, "content-type": "application/json; charset=utf-8" },
  ],
  [
    "JSON of Cosmos",
    {
      host: here,
      ...json,
      "content-type": "application/vnd.dcos.package.install-request+json;charset=utf-8;version=v1",
    },
  ],
])("%s is let in", (_, headers) => expect(foreignRequest(headers)).toBeUndefined());

test.each<[string, Record<string, string>, number]>([
  ["a page of another site", { host: here, origin: "https://evil.example.com" }, 403],
  ["a page at another port of this machine", { host: here, origin: "http://127.0.0.1:8000" }, 403],
  ["a page without an origin of its own", { host: here, origin: "null" }, 403],
  ["a name that leads here by somebody's name server", { host: "rebound.example.com:18080" }, 403],
  [
    "such a name with its own origin",
    { host: "evil.example.com", origin: "http://evil.example.com" },
    403,
  ],
  ["no host", {}, 403],
  ["what is no host", { host: "a b" }, 403],
  ["text", { host: here, "content-type": "text/plain", "content-length": "2" }, 415],
  [
    "a form",
    { host: here, "content-type": "application/x-www-form-urlencoded", "content-length": "2" },
    415,
  ],
  [
    "text that mentions JSON",
    { host: here, "content-type": "text/plain; application/json", "content-length": "2" },
    415,
  ],
  ["a body of no type", { host: here, "content-length": "2" }, 415],
  ["a body of no length and type", { host: here, "transfer-encoding": "chunked" }, 415],
])("%s is refused", (_, headers, status) => expect(foreignRequest(headers)?.status).toBe(status));
