import { chromium, type Page } from "playwright-core";
import { findProgram } from "../../toolchain/prerequisites";

/** Chromium of the distribution, which is to look at the page it is given and at nothing else. */
const flags = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Opens an empty page in a headless Chromium with a profile of its own, and closes all of it afterwards. */
export async function withPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const executablePath = findProgram("chromium");
  if (executablePath === undefined) throw new Error("no chromium: run seamless toolchain --tests");
  const browser = await chromium.launch({ executablePath, args: flags, chromiumSandbox: false });
  try {
    return await use(await browser.newPage());
  } finally {
    await browser.close();
  }
}

/** What Kubernetes Web View lists in a browser: the names in the table behind an entry of its menu, such as `Nodes`. */
export function namesShown(url: string, entry: string): Promise<string[]> {
  return withPage(async (page) => {
    await page.goto(url);
    await page.locator("aside").getByRole("link", { name: entry, exact: true }).click();
    await page.waitForURL(`**/${entry.toLowerCase()}`);
    return page.locator("table.is-striped tbody tr td:first-child").allInnerTexts();
  });
}
