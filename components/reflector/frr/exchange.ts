import { z } from "zod";
import type { Asker, Exchange } from "../../ask/router";

const flags = z.record(z.string(), z.boolean()).default({});

const neighbours = z.record(
  z.string(),
  z.object({
    bgpState: z.string().default(""),
    gracefulRestartInfo: z
      .object({
        endOfRibSend: flags,
        endOfRibRecv: flags,
        remoteGrMode: z.string().default(""),
      })
      .optional(),
  }),
);

/** Reads `show bgp neighbors json`. A neighbour without graceful restart sends no End-of-RIB. */
export function parseExchange(text: string): Record<string, Exchange> {
  return Object.fromEntries(
    Object.entries(neighbours.parse(JSON.parse(text))).map(([address, one]) => {
      const { bgpState, gracefulRestartInfo: graceful } = one;
      const heard = Object.values(graceful?.endOfRibRecv ?? {});
      const told = Object.values(graceful?.endOfRibSend ?? {});
      const ended = heard.length > 0 && told.length > 0 && [...heard, ...told].every(Boolean);
      const speaks = /^(Restart|Helper)/.test(graceful?.remoteGrMode ?? "");
      return [
        address,
        {
          established: bgpState === "Established",
          ...(speaks ? { endOfRib: ended } : {}),
        },
      ];
    }),
  );
}

/** Asks a daemon. @throws Error when it does not answer */
export async function frrExchange(daemon: Asker): Promise<Record<string, Exchange>> {
  return parseExchange(await daemon.ask(["-c", "show bgp neighbors json"]));
}
