import { createHash } from "node:crypto";
import { routerTraits } from "../../../components/kinds/traits";
import { type ReportInput, reportPage } from "../../../report";
import { html, table } from "../../../report/html";
import type { CheckResult } from "../../../verify/types";
import { hostileNames } from "../graph/fixture";
import { healthy, no, plan } from "../verify/fixture";

const passed: CheckResult = {
  id: "session/reflector/dcos/agent-1",
  group: "session",
  title: "the session is Established",
  status: "pass",
  asked: "reflector: gobgp -j neighbor",
  found: "Established since 65 s",
};

const failed: CheckResult = {
  ...passed,
  id: "fib/dcos/agent-1",
  group: "fib",
  title: "the kernel has every route",
  status: "fail",
  asked: "dcos/agent-1: ip route",
  found: "192.168.7.0/26 is missing",
  expected: "192.168.7.0/26 via 172.16.18.34",
  source: "model",
  cause: "BIRD has no session",
  remedy: "birdc show protocols",
  at: "dcos/agent-1",
};

const input: ReportInput = {
  stack: "lab",
  plan,
  results: [passed, failed],
  seen: healthy,
  at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
  traits: routerTraits,
};

const page = reportPage(input);

test("the page tells everything of a check that failed", () => {
  expect(page).toContain("<strong>1 of 2 checks failed.</strong>");
  expect(page).toContain(
    '<section class="problem fail">\n<h3><span class="status fail">FAILED</span> fib/dcos/agent-1</h3>',
  );
  for (const [name, said] of [
    ["at", "dcos/agent-1"],
    ["asked", "dcos/agent-1: ip route"],
    ["found", "192.168.7.0/26 is missing"],
    ["expected", "192.168.7.0/26 via 172.16.18.34"],
    ["by", "model"],
    ["likely cause", "BIRD has no session"],
    ["do", "birdc show protocols"],
  ])
    expect(page).toContain(`<dt>${name}</dt><dd>${said}</dd>`);
});

test("what could not be asked is counted by itself", () => {
  const results = [passed, { ...failed, status: "unknown" as const }];
  const unknown = reportPage({ ...input, results });
  expect(unknown).toContain("<strong>1 of 2 checks could not be asked.</strong>");
  expect(unknown).toContain('<li class="unknown"><b>1</b> could not be asked</li>');
  expect(reportPage({ ...input, results: [passed] })).toContain(
    "The only check passed or was skipped.",
  );
});

test("the page has no script, fetches nothing, and takes no style but its own", () => {
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|\bstyle=|@import|url\((?!#)/i);
  expect(page.match(/(?:href|src)="(?!#)[^"]*"/g)).toBeNull();
  const [, style = ""] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  expect(page).toContain(`content="${policy.replaceAll("'", "&#39;")}"`);
});

test("every table has a caption, headings of columns and of rows, and every id is there once", () => {
  const count = (of: RegExp) => (page.match(of) ?? []).length;
  expect(count(/<table>/g)).toBeGreaterThan(4);
  expect(count(/<caption>/g)).toBe(count(/<table>/g));
  expect(count(/<thead><tr><th scope="col">/g)).toBe(count(/<table>/g));
  expect(count(/<tr><th scope="row">/g)).toBe(count(/<tr>/g) - count(/<thead>/g));
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, id] of page.matchAll(/(?:href="#|aria-labelledby=")([\w-]+)/g))
    expect(ids).toContain(id);
});

test("a session that is down is so in the picture", () => {
  expect(page.match(/class="ibgp up"/g)).toHaveLength(2);
  const neighbours = { reflector: no("reflector: gobgp", "connection refused") };
  const silent = reportPage({ ...input, seen: { ...healthy, neighbours } });
  expect(silent.match(/class="ibgp unknown"/g)).toHaveLength(2);
  expect(silent).toContain("connection refused");
});

test.each(hostileNames)("nothing of %p is markup", (name) => {
  const results = [{ ...failed, id: name, title: name, found: name, cause: name, at: name }];
  const seen = { ...healthy, rib: { [name]: no(name, name) } };
  const hostile = reportPage({ ...input, stack: name, results, seen });
  const tags = (text: string) => [...text.matchAll(/<\/?([a-z][a-z0-9]*)/g)].map(([, tag]) => tag);
  const plain = { ...failed, id: "a", title: "a", found: "a", cause: "a", at: "a" };
  const harmless = reportPage({
    ...input,
    stack: "a",
    results: [plain],
    seen: { ...healthy, rib: { a: no("a", "a") } },
  });
  expect(tags(hostile)).toEqual(tags(harmless));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(hostile).not.toMatch(/[\u0000-\u0008\ud800\u202e]/);
});

test("only what is made of HTML is put in as it is", () => {
  expect(html`<p>${"<b>"}${html`<i>${1}</i>`}${[html`a`, html`b`]}</p>`.text).toBe(
    "<p>&lt;b&gt;<i>1</i>a\nb</p>",
  );
  expect(table("Nobody", ["A"], []).text).toBe("<p>Nobody: none.</p>");
});
