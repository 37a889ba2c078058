import type { Answer } from "../../../components/ask/types";
import type { Link } from "../types";

/** A link of which nothing is known, because nobody could be asked. */
export function unknownLink(
  own: Pick<Link, "layer" | "at" | "peer">,
  answer: Extract<Answer<unknown>, { readonly ok: false }> | undefined,
): Link {
  if (answer === undefined)
    return {
      ...own,
      ...{ says: "not asked", status: "unknown", why: "no access to it in the stack outputs" },
      remedy: "set the access of its COE or reflector (docs/configuration.md), then pulumi up",
    };
  return {
    ...own,
    ...{ says: "could not be asked", status: "unknown", why: `${answer.asked}: ${answer.error}` },
    remedy: "run what was asked by hand; when it gets through, explain again",
  };
}
