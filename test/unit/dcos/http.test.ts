import { createServer, type ServerResponse } from "node:http";
import { DcosSession } from "../../../components/dcos/api/session";

/** Says more and more until nobody listens. */
function talk(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write("x".repeat(10_000)));
  };
  response.on("drain", more);
  more();
}

test.each([
  [
    "/declared",
    /^GET http:\/\/127\.0\.0\.1:\d+\/declared: the answer has 5000000000 bytes; allowed: 100000 bytes; is the URL the cluster's own\?$/,
  ],
  [
    "/endless",
    /^GET http:\/\/127\.0\.0\.1:\d+\/endless: the answer has 1\d{5} bytes and more; allowed: 100000 bytes; is the URL the cluster's own\?$/,
  ],
])(
  "an answer at %s that is longer than what is read is hung up on, once",
  async (path, message) => {
    let asked = 0;
    let hangUp: () => void = () => undefined;
    const hungUp = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const server = createServer((request, response) => {
      asked++;
      response.once("close", () => hangUp());
      if (request.url !== "/declared") return talk(response);
      response.writeHead(200, { "Content-Length": "5000000000" });
      response.write("x");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const session = new DcosSession(
      { url: `http://127.0.0.1:${port}` },
      { say: () => undefined, maxBytes: 100_000 },
    );
    await expect(session.send({ method: "GET", path })).rejects.toThrow(message);
    await hungUp;
    expect(asked).toBe(1);
    server.close();
  },
);
