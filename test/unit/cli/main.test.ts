import { readFileSync } from "node:fs";
import { main } from "../../../cli/main";

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

test("--version says the package's", async () => {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  await main(["node", "seamless", "--version"]);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(write.mock.calls.map(([text]) => text)).toEqual([`${version}\n`]);
  expect(process.exitCode).toBe(0);
});
