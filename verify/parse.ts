import { z } from "zod";
import { type Family, hostPrefix } from "../util/net";
import type { KernelRoute, ProbeReply } from "./types";

const routeList = z.array(
  z.object({
    type: z.string().default("unicast"),
    dst: z.string(),
    gateway: z.string().optional(),
    nexthops: z.array(z.object({ gateway: z.string().optional() })).default([]),
    dev: z.string().optional(),
    protocol: z.string().optional(),
  }),
);

/** Reads `ip -j route show` of one family. */
export function parseRoutes(text: string, family: Family = 4): KernelRoute[] {
  return routeList.parse(JSON.parse(text)).map((route) => ({
    prefix: canonical(route.dst, family),
    type: route.type,
    gateways: [
      ...(route.gateway === undefined ? [] : [route.gateway]),
      ...route.nexthops.flatMap((hop) => (hop.gateway === undefined ? [] : [hop.gateway])),
    ],
    ...(route.dev === undefined ? {} : { device: route.dev }),
    ...(route.protocol === undefined ? {} : { protocol: route.protocol }),
  }));
}

function canonical(destination: string, family: Family): string {
  if (destination === "default") return family === 6 ? "::/0" : "0.0.0.0/0";
  return destination.includes("/") ? destination : hostPrefix(destination);
}

const probeReply = z.object({ server: z.string(), client: z.string() });

/** Reads the probe server's one line of JSON; an IPv4 address mapped into IPv6 is written as IPv4. */
export function parseProbe(text: string): ProbeReply {
  const reply = probeReply.parse(JSON.parse(text));
  return { ...reply, client: reply.client.replace(/^\[?(::ffff:)?|\]$/g, "") };
}
