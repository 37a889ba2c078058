import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import { reportPage } from "../../report";
import { inScratch } from "../../util/scratch";
import type { CheckResult, CheckStatus } from "../../verify/types";
import { withPage } from "../helpers/browser";
import { healthy } from "../unit/verify/fixture";

jest.setTimeout(60_000);

const results = (["pass", "fail", "unknown", "skip"] as const).map(
  (status: CheckStatus): CheckResult => ({
    ...{ id: `fib/${status}`, group: "fib", title: "a route", status, asked: "ip route" },
    ...{ found: "none", expected: "one", source: "model", cause: "nobody", remedy: "ask", at: "x" },
  }),
);
const page = reportPage({
  stack: "lab",
  plan: makePlan(readStackConfig("Pulumi.lab.yaml")),
  results,
  seen: healthy,
  at: new Date(0),
  traits: routerTraits,
});

/** Shows the report from a file, and has it say what a browser complains of and asks for. */
function shown(use: (page: Page, said: readonly string[]) => Promise<void>): Promise<void> {
  return inScratch("report-test", (folder) =>
    withPage(async (browser) => {
      const file = join(folder, "report.html");
      writeFileSync(file, page);
      const said: string[] = [];
      browser.on("console", (message) => said.push(message.text()));
      browser.on("pageerror", (error) => said.push(error.message));
      browser.on("request", (request) => {
        if (request.url() !== pathToFileURL(file).href) said.push(request.url());
      });
      await browser.goto(pathToFileURL(file).href);
      await use(browser, said);
    }),
  );
}

/** Every text that is seen with too little contrast to what is behind it (WCAG 2.1, 1.4.3), by its text. */
const faint = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = rgb(color).slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const svg = one.closest("svg");
    if (svg !== null) {
      const box = one.parentElement.querySelector(":scope > .box") ?? svg.querySelector(".page");
      return getComputedStyle(box).fill;
    }
    for (let at = one; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const leaves = [...document.body.querySelectorAll("*")].filter((one) =>
    !["title", "desc"].includes(one.tagName) && [...one.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== ""));
  return leaves.flatMap((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [light(one.closest("svg") === null ? style.color : style.fill), light(behind(one))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    return contrast < 4.5 ? [one.textContent.trim().slice(0, 40) + " " + contrast.toFixed(2)] : [];
  });
})()`;

test.each(["light", "dark"] as const)(
  "a browser shows the report in %s, readable, without a complaint and without a request",
  async (colorScheme) => {
    await shown(async (browser, said) => {
      await browser.emulateMedia({ colorScheme });
      const page = await browser.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(page).toBe({ light: "rgb(255, 255, 255)", dark: "rgb(13, 17, 23)" }[colorScheme]);
      await browser.evaluate(
        "for (const one of document.querySelectorAll('details')) one.open = true",
      );
      expect(await browser.evaluate(faint)).toEqual([]);
      expect(await browser.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(
        true,
      );
      expect(said).toEqual([]);
    });
  },
);

test("the report is read by keyboard alone", async () => {
  await shown(async (browser, said) => {
    const focused = "document.activeElement.textContent.trim().split('\\n')[0]";
    await browser.keyboard.press("Tab");
    expect(await browser.evaluate(focused)).toBe("Skip to the checks");
    await browser.keyboard.press("Enter");
    expect(await browser.evaluate("location.hash")).toBe("#checks");
    await browser.keyboard.press("Tab");
    expect(await browser.evaluate(focused)).toBe("fib: 1 of 4 passed");
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    expect(await browser.evaluate(outline)).toBe("solid");
    const open = "document.activeElement.parentElement.open";
    expect(await browser.evaluate(open)).toBe(false);
    await browser.keyboard.press("Enter");
    expect(await browser.evaluate(open)).toBe(true);
    // A table that is wider than the page is moved by itself.
    await browser.keyboard.press("Tab");
    expect(await browser.evaluate("document.activeElement.getAttribute('aria-label')")).toBe(
      "Checks of fib",
    );
    expect(said).toEqual([]);
  });
});

test("what is folded is on paper, too", async () => {
  await shown(async (browser) => {
    const height = "document.querySelector('details .scroll').getBoundingClientRect().height > 0";
    expect(await browser.evaluate("document.querySelectorAll('details[open]').length")).toBe(0);
    await browser.emulateMedia({ media: "print" });
    expect(await browser.evaluate(height)).toBe(true);
    expect(await browser.evaluate("getComputedStyle(document.querySelector('nav')).display")).toBe(
      "none",
    );
  });
});
