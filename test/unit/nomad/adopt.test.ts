import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { adoptNomad } from "../../../components/nomad/adopt";
import { messageOf } from "../../../util/errors";

const node = (Name: string, Address: string, Status = "ready") => ({
  ...{ ID: Name, Name, Address, Status, Version: "1.9.7" },
});
const answers: Readonly<Record<string, unknown>> = {
  "/v1/nodes": [
    node("Worker-1.example.com", "10.1.1.62"),
    node("old", "10.1.1.62", "down"),
    node("10.1.1.63", "10.1.1.63"),
    node("both", "10.1.1.64"),
  ],
  "/v1/agent/members": {
    Members: [
      { Name: "server-1.global", Addr: "10.1.1.61", Status: "alive" },
      { Name: "both.global", Addr: "10.1.1.64", Status: "alive" },
    ],
  },
};
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { [request.url ?? ""]: answer } = answers;
    response.writeHead(answer === undefined ? 404 : 200);
    response.end(JSON.stringify(answer ?? ""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

function url(): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

test("a running cluster is read as a configuration has it: clients and servers by their addresses", async () => {
  expect(await adoptNomad({ name: "nomad", flags: { nomad: url() } })).toEqual({
    fields: { access: { url: url() } },
    nodes: {
      "worker-1": { address: "10.1.1.62" },
      "node-10-1-1-63": { address: "10.1.1.63" },
      both: { address: "10.1.1.64" },
      "server-1": { address: "10.1.1.61", role: "server" },
    },
    ...{ asn: 64511, networks: [], taken: [], unsure: {} },
  });
});

test.each<[Record<string, string>, string]>([
  [{}, "nomad: found no URL; needed: nomad=URL of a server's HTTP API"],
  [
    { nomad: "https://user:secret@10.1.1.61:4646" },
    "nomad: found a user in the URL; a token says who asks; allowed: the URL of a server, such as https://nomad.example.com:4646; needed: nomad=URL of a server's HTTP API",
  ],
])("a URL is needed, and no secret in it", async (flags, text) => {
  expect(await adoptNomad({ name: "nomad", flags }).then(JSON.stringify, messageOf)).toBe(text);
});
