import { birdOnHost } from "../../../components/linux/bird";
import { frrOnHost } from "../../../components/linux/frr";
import type { HostInput } from "../../../components/linux/input";
import { type AskHost, speakerFaults } from "../../../components/linux/speaker";

const input: HostInput = {
  name: "plain/one",
  shell: { via: "ssh", target: "ssh://root@10.1.1.21" },
  addresses: ["10.1.1.21"],
  ranges: ["10.65.1.0/24"],
  planned: ["10.65.0.0/16"],
  containers: "none",
  bird: "router id 10.1.1.21;\n",
  firewall: "",
};
const common = {
  effect: "sessions or routes of the plan are missing on this host",
  remedy: "run: pulumi up",
};
const silent: AskHost = async () => ({ ok: false, asked: "it", error: "exit code 1: not running" });

test.each([
  [birdOnHost, "bird.conf", "BIRD", "BIRD runs and answers birdcl"],
  [frrOnHost, "frr.conf", "FRR", "bgpd runs and answers vtysh"],
])("what a speaker has otherwise, and that it does not answer (%#)", async (...given) => {
  const [speaker, file, title, answers] = given;
  const other = { ...speaker, wrong: async () => ["no session with 10.1.1.1", "another"] };
  expect(await speakerFaults(other, silent, input)).toEqual(
    ["no session with 10.1.1.1", "another"].map((found) => ({
      ...{ group: "peers", object: `${file} on plain/one`, found, ...common },
      expected: "as the plan has it",
    })),
  );
  const found = "exit code 1: not running";
  expect(await speakerFaults(speaker, silent, input)).toEqual([
    { group: "nodes", object: `${title} on plain/one`, found, expected: answers, ...common },
  ]);
});
