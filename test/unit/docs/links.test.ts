import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { blocksOf, documents, proseOf } from "../../helpers/markdown";

/** The anchors of a document, as GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Links to files and to places in them, of which one is missing. */
function broken(file: string): string[] {
  const links = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

/** Files of this project that a document names, and that are not there. */
function missing(file: string): string[] {
  const all = [proseOf(file), ...blocksOf(file).map(({ text }) => text)].join("\n");
  const named = all.matchAll(
    /\b(?:test|standins|bench|components|docs)\/[\w./-]+\.(?:ts|md|svg)\b/g,
  );
  return [...new Set([...named].map(([path]) => path))].filter(
    (path) => !existsSync(path) && !existsSync(join(dirname(file), path)),
  );
}

test.each(documents)("%s links to what is there", (file) => {
  expect(broken(file)).toEqual([]);
  expect(missing(file)).toEqual([]);
});

test("docs/lab.md names every stack that there is", () => {
  const stacks = readdirSync(".").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  const page = proseOf("docs/lab.md");
  expect(stacks.filter((stack) => !page.includes(`\`${stack}\``))).toEqual([]);
});

test("README.md links to every document", () => {
  const links = proseOf("README.md");
  const pages = documents.filter((file) => /^docs\/[^/]+\.md$/.test(file));
  const contributors = /^docs\/(adding-a-|routing-model)/;
  expect(pages.filter((page) => !links.includes(`(${page}`) && !contributors.test(page))).toEqual(
    [],
  );
});
