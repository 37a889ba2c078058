/** Takes secrets out of texts that the user, or a log, gets to see. */
import { type RichProperties, secretTexts } from "./values";

/** Shorter texts occur everywhere by chance; blotting them out would garble every message. */
const shortest = 3;
/** A line of a longer secret, such as a key, counts by itself from this length on. */
const shortestLine = 8;

function forms(secret: string): string[] {
  const lines = secret.split("\n").map((line) => line.trim());
  const whole = secret.trim();
  return [
    ...[secret, whole, JSON.stringify(whole).slice(1, -1)].filter(
      (text) => text.length >= shortest,
    ),
    ...(lines.length > 1 ? lines.filter((line) => line.length >= shortestLine) : []),
  ];
}

/** A function that replaces the texts of all secrets in the properties by `[secret]`. */
export function redactor(...sources: readonly RichProperties[]): (text: string) => string {
  const texts = new Set(sources.flatMap(secretTexts).flatMap(forms));
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}
