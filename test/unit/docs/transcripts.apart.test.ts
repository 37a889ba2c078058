import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../helpers/command-line";
import { blocksOf, documents, shownIn } from "../../helpers/markdown";

/** Commands that ask nobody, where the nodes are written down. */
const quiet = ["plan", "render", "graph"];

const project = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "seamless-transcripts-"));

afterEach(() => process.chdir(project));
afterAll(() => rmSync(folder, { recursive: true }));

/** The stack that a page begins with: its first configuration that is a whole file. */
function stackOf(page: string): string | undefined {
  return blocksOf(page).find(
    ({ language, text }) => language === "yaml" && text.startsWith("config:\n"),
  )?.text;
}

const pages = documents.filter(
  (page) => shownIn(page).length > 0 && stackOf(page)?.includes("fromCluster") === false,
);

test("pages quote commands", () => {
  expect(pages).toEqual(expect.arrayContaining(["docs/nomad.md", "docs/swarm.md"]));
});

test.each(pages)("%s quotes what its commands print", async (page) => {
  writeFileSync(join(folder, "Pulumi.prod.yaml"), stackOf(page) ?? "");
  const commands = shownIn(page);
  process.chdir(folder);
  for (const { argv, output } of commands) {
    expect(argv[0]).toBe("bin/seamless");
    expect(quiet).toContain(argv[1]);
    const { code, out } = await commandLine(...argv.slice(1));
    expect({ code: code ?? 0, out: out.trim() }).toEqual({ code: 0, out: output });
  }
});
