import { isDeepStrictEqual } from "node:util";
import type { Finding } from "./finding";
import type { Fields, TakenState } from "./state";

/** An object of the plan, as it is applied. */
interface Asked {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Fields;
}

/**
 * Objects that somebody else has made under names that the plan uses for its own: they are overwritten, and go when the
 * stack is destroyed. Pools, peers and the BGP configuration are looked at by themselves.
 */
export function takenFindings(asked: readonly Asked[], taken: readonly TakenState[]): Finding[] {
  return taken
    .filter(({ ours }) => ours === false)
    .flatMap(({ kind, name, spec }) => {
      const planned = asked.find((one) => one.kind === kind && one.metadata.name === name);
      if (planned === undefined) return [];
      const changes = Object.entries(planned.spec)
        .filter(([field, value]) => !isDeepStrictEqual(value, spec[field]))
        .map(([field, value]) => `${field} ${shown(spec[field])} -> ${shown(value)}`);
      const same = changes.length === 0;
      return [
        {
          id: `${kind}/${name}`,
          level: same ? ("notes" as const) : ("changes" as const),
          found: same
            ? "there before, and as the plan has it"
            : `there before: ${changes.join(", ")}`,
          effect: "the stack takes it over: it goes when the stack is destroyed",
        },
      ];
    });
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
