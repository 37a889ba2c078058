/** The YAML blocks of a document that are a whole stack's configuration, without the indentation of a list around. */
export function stacksOf(text: string): string[] {
  const fences = text.matchAll(/^( *)```yaml\n(.*?)^\1```$/gms);
  return [...fences]
    .map(([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), ""))
    .filter((block) => block.includes("seamless:network"));
}
