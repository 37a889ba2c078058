import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Config, log, runtime } from "@pulumi/pulumi";
import { parse } from "yaml";
import { stackConfig } from "../../../components/settings";

const folder = join(__dirname, "..", "fixtures", "warned-configs");
const text = (name: string) => readFileSync(join(folder, name), "utf8");

test("what is worth knowing of a configuration is a warning of the preview and the update", () => {
  const { config }: { config: Record<string, unknown> } = parse(text("nodes-in-two-networks.yaml"));
  const settings = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  runtime.setAllConfig(Object.fromEntries(settings));
  const warn = jest.spyOn(log, "warn").mockResolvedValue(undefined);
  try {
    const { coes } = stackConfig(new Config("seamless"));
    expect(Object.keys(coes)).toEqual(["kubernetes"]);
    const told = text("nodes-in-two-networks.txt").trimEnd();
    expect(warn.mock.calls).toEqual([[told.slice(told.indexOf("network.nodes"))]]);
  } finally {
    warn.mockRestore();
  }
});
