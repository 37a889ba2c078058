import type { CoeDraft } from "../../../config/draft";
import type { LoginSort } from "../../../config/handed-on";

/** A token says who it is for; a password and a key are a user's, who has one of them. */
export function secretProblem(
  sort: LoginSort,
  given: readonly LoginSort[],
  coe: CoeDraft,
  name: string,
): string | undefined {
  if (sort === "tokens") return undefined;
  if (sort === "keys" && given.includes("passwords"))
    return `found beside passwords.${name}; allowed: one of the two`;
  if (coe.access?.uid === undefined)
    return `means nothing without a user; needed: coes.${name}.access.uid`;
  return undefined;
}
