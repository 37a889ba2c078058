import { isRecord } from "../../../util/json";
import type { ApiRequest, Reply } from "../../common/http";
import { canonicalId } from "./app";
import type { EventSource } from "./events";
import type { Marathon } from "./marathon";
import { type Identity, marathonApi } from "./marathon-api";
import { showDefinition } from "./show";

/** How often something is sent when nothing happens, so that both sides notice when the other is gone. */
const heartbeatMs = 5_000;

/** Marathon's API with its events: the stream of them, and one for every app that is created or changed by a request. */
export function marathonService(
  marathon: Marathon,
  events: EventSource,
  identity: Identity,
  request: ApiRequest,
): Reply {
  const { method, path, remoteAddress } = request;
  if (method === "GET" && path === "/v2/events") return eventStream(events, request);
  const reply = marathonApi(marathon, identity, request);
  if (reply.status >= 300 || !["POST", "PUT", "PATCH"].includes(method)) return reply;
  for (const id of idsOf(request)) {
    const app = marathon.state.apps.get(id);
    if (app === undefined) continue;
    events.emit({
      eventType: "api_post_event",
      appDefinition: { ...showDefinition(app.definition, marathon.role), version: app.version },
      clientIp: remoteAddress,
      uri: path,
    });
  }
  return reply;
}

/** The apps that a request is about, from its path or else from its body. */
function idsOf({ path, body }: ApiRequest): readonly string[] {
  const named = /^\/v2\/apps\/(.+)$/.exec(path)?.[1];
  if (named !== undefined) return [canonicalId(named)];
  if (!/^\/v2\/apps\/?$/.test(path)) return [];
  const parsed: unknown = JSON.parse(body);
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return list.flatMap((one) =>
    isRecord(one) && typeof one.id === "string" ? [canonicalId(one.id)] : [],
  );
}

/** `GET /v2/events`, with `event_type` as often as there are types that are wanted; all without one. */
function eventStream(events: EventSource, { headers, query, remoteAddress }: ApiRequest): Reply {
  if (headers.accept?.includes("text/event-stream") !== true) {
    const message = "Only text/event-stream is served here; send it as Accept";
    return { status: 406, body: { message } };
  }
  const wanted = new Set(query.getAll("event_type"));
  return {
    status: 200,
    headers: { "Content-Type": "text/event-stream;charset=utf-8", "Cache-Control": "no-cache" },
    stream(send) {
      // A comment at once: the client is to know that it is heard.
      send(":\n\n");
      const heartbeat = setInterval(() => send(":\n\n"), heartbeatMs);
      const end = events.listen((event) => {
        if (wanted.size > 0 && !wanted.has(event.eventType)) return;
        send(`event: ${event.eventType}\ndata: ${JSON.stringify(event)}\n\n`);
      });
      events.emit({ eventType: "event_stream_attached", remoteAddress });
      return () => {
        clearInterval(heartbeat);
        end();
        events.emit({ eventType: "event_stream_detached", remoteAddress });
      };
    },
  };
}
