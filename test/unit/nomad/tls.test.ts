import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { NomadClient } from "../../../components/nomad/api/client";
import { nodeStubs } from "../../../components/nomad/api/shapes";
import { messageOf } from "../../../util/errors";
import { execOrThrow } from "../../../util/exec";
import { inScratch } from "../../../util/scratch";

let server: Server;
let certificate = "";

beforeAll(() =>
  inScratch("nomad-tls", async (folder) => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await execOrThrow([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-days", "1", "-subj", "/CN=nomad"],
      ...["-addext", "subjectAltName=DNS:server.global.nomad,DNS:localhost"],
      ...["-keyout", key, "-out", cert],
    ]);
    certificate = readFileSync(cert, "utf8");
    server = createServer({ key: readFileSync(key), cert: certificate }, (_, response) => {
      response.end("[]");
    });
    server.listen(0, "localhost");
    await once(server, "listening");
  }),
);
afterAll(() => server.close());

function said(scheme: string, host: string, ca?: string): Promise<string> {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const url = `${scheme}://${host}:${port}`;
  return new NomadClient({ url, ...(ca === undefined ? {} : { ca }) })
    .get("/v1/nodes", nodeStubs)
    .then(
      () => "read",
      (thrown) => messageOf(thrown).replace(`GET ${url}/v1/nodes: `, ""),
    );
}

test("a certificate is trusted by the authority that the configuration names", async () => {
  expect(await said("https", "localhost", certificate)).toBe("read");
});

// An error of Node's own is of another realm in a test, and has its class in front.
test.each([
  [
    "an authority that nobody named",
    "https",
    /^the certificate is not trusted: (Error: )?self-signed certificate; name the file of the authority that signs it as access\.ca$/,
  ],
  [
    "plain HTTP where TLS is spoken",
    "http",
    /^(Error: )?socket hang up; if the server speaks TLS, access\.url has to begin with https:\/\/$/,
  ],
])("says what is wrong with TLS: %s", async (_, scheme, text) => {
  expect(await said(scheme, "localhost")).toMatch(text);
});

test("a name that the certificate has not is told with those of Nomad's own", async () => {
  const address = server.address();
  const family = typeof address === "object" ? address?.family : undefined;
  const host = family === "IPv6" ? "[::1]" : "127.0.0.1";
  expect(await said("https", host, certificate)).toMatch(
    /does not match certificate's altnames.*; use one of the certificate's names in access\.url \(Nomad's own certificates have server\.<region>\.nomad and localhost\)$/,
  );
});
