import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "./faults";
import { sendHtml, sendJson, sendPage } from "./proxy";

/** What a fault does to a request; answers whether the request goes on to where it would go. */
export async function spoil(
  fault: Fault,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  challenge: string,
): Promise<boolean> {
  switch (fault.kind) {
    case "slow":
      await pause(fault.milliseconds);
      return true;
    case "truncated":
      breakOff(outgoing);
      return true;
    case "closed":
      incoming.socket.destroy();
      return false;
    case "unauthorized":
      sendPage(outgoing, 401, "Unauthorized", { "WWW-Authenticate": challenge });
      return false;
    case "forbidden":
      sendPage(outgoing, 403, "Access Denied");
      return false;
    case "locked":
      sendJson(outgoing, 409, {
        message:
          "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
        deployments: [{ id: "00000000-0000-0000-0000-000000000000" }],
      });
      return false;
    case "error":
      outgoing.writeHead(500, { "Content-Type": "text/plain" });
      outgoing.end("Internal Server Error");
      return false;
    case "unavailable":
      sendHtml(outgoing, 503, "Service Temporarily Unavailable");
      return false;
  }
}

/** Lets half of the first piece of the body through, then closes the connection although more was promised. */
function breakOff(outgoing: ServerResponse): void {
  const write = outgoing.write.bind(outgoing);
  const cut = (chunk: unknown) => {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk ?? ""));
    write(piece.subarray(0, Math.floor(piece.length / 2)), () => outgoing.destroy());
    return true;
  };
  outgoing.write = cut;
  outgoing.end = (chunk?: unknown) => {
    cut(chunk);
    return outgoing;
  };
}
