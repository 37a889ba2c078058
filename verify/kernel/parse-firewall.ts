import type { Family } from "../../util/net";
import type { Chain, Firewall, FirewallMatch, FirewallRule } from "./types";

/** Reads what iptables-save or ip6tables-save prints. */
export function parseFirewall(backend: string, text: string, family: Family = 4): Firewall {
  const tables: Record<string, Record<string, { policy?: string; rules: FirewallRule[] }>> = {};
  let table: Record<string, { policy?: string; rules: FirewallRule[] }> = {};
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) {
      table = {};
      tables[line.slice(1).trim()] = table;
    } else if (line.startsWith(":")) {
      const [name = "", policy = "-"] = line.slice(1).split(" ");
      table[name] = { ...(policy === "-" ? {} : { policy }), rules: [] };
    } else if (line.startsWith("-A ")) {
      const [, name = "", ...words] = wordsOf(line);
      const chain = table[name] ?? { rules: [] };
      table[name] = chain;
      chain.rules.push(ruleOf(line.slice(`-A ${name} `.length), words));
    }
  }
  const all: Record<string, Record<string, Chain>> = tables;
  return { backend, ...(family === 6 ? { family } : {}), tables: all };
}

/** Words as a shell has them: iptables-save quotes what has spaces in it, and quotes in it by backslashes. */
function wordsOf(line: string): string[] {
  const found = line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return [...found].map(([, quoted, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
}

function ruleOf(text: string, words: readonly string[]): FirewallRule {
  const matches: FirewallMatch[] = [];
  const comments: string[] = [];
  let not = false;
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? "";
    const values: string[] = [];
    let next = at + 1;
    while (next < words.length && !/^(!|-.*)$/.test(words[next] ?? "")) {
      values.push(words[next] ?? "");
      next += 1;
    }
    if (word === "-j" || word === "-g") {
      const [target = ""] = values;
      const options = words.slice(at + 2);
      return { text, matches, comments, target, ...(word === "-g" ? { goto: true } : {}), options };
    }
    if (word === "!") not = true;
    else {
      if (word === "--comment") comments.push(...values);
      else if (word !== "-m") matches.push({ option: word, values, not });
      not = false;
    }
    at = next;
  }
  return { text, matches, comments, options: [] };
}
