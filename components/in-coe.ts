import { SeamlessError } from "../util/errors";

/** Names the COE in what is wrong with its access; anything else as it is. */
export function inCoe(thrown: unknown, coe: string): unknown {
  return thrown instanceof SeamlessError && thrown.message.startsWith("access.")
    ? new SeamlessError(`coes.${coe}.${thrown.message}`, thrown.code, { cause: thrown })
    : thrown;
}
