import { z } from "zod";
import type { Asker, Exchange } from "../../ask/router";
import { statesIn } from "./tables";

const count = z.number().default(0);

const peers = z
  .array(
    z.object({
      conf: z.object({ neighbor_address: z.string() }),
      state: z.object({
        messages: z
          .object({ sent: z.object({ update: count }).default({ update: 0 }) })
          .default({ sent: { update: 0 } }),
      }),
      afi_safis: z
        .array(
          z.object({
            mp_graceful_restart: z
              .object({
                state: z
                  .object({
                    received: z.boolean().default(false),
                    end_of_rib_received: z.boolean().default(false),
                  })
                  .optional(),
              })
              .optional(),
          }),
        )
        .default([]),
    }),
  )
  .nullable();

/** Reads `gobgp -j neighbor`. A neighbour without graceful restart sends no End-of-RIB. */
export function parseExchange(text: string): Record<string, Exchange> {
  const states = statesIn(text);
  return Object.fromEntries(
    (peers.parse(JSON.parse(text)) ?? []).map(({ conf, state, afi_safis: families }) => {
      const graceful = families
        .flatMap(({ mp_graceful_restart: one }) => one?.state ?? [])
        .filter(({ received }) => received);
      // It tells of the neighbour's End-of-RIB alone; its own is, or follows at once, its first update.
      const ended = (own: number) => own > 0 && graceful.every((one) => one.end_of_rib_received);
      return [
        conf.neighbor_address,
        {
          established: states.get(conf.neighbor_address) === "Established",
          ...(graceful.length === 0 ? {} : { endOfRib: ended(state.messages.sent.update) }),
        },
      ];
    }),
  );
}

/** Asks a daemon. @throws Error when it does not answer */
export async function gobgpExchange(daemon: Asker): Promise<Record<string, Exchange>> {
  return parseExchange((await daemon.ask(["neighbor"])).trim() || "[]");
}
