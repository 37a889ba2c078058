import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { aroundLab, comesUp, TestLab } from "../helpers/lab";

/** Every kind that the lab can make, in both families but for DC/OS, which has IPv4 alone; it takes longer than a lab of two kinds, and has no kind that those labs have not. */
const file = "Pulumi.all.yaml";
const lab = new TestLab(
  file,
  { kubernetes: 46443, "frr.kubernetes": 46444, etcd: 42379, dcos: 48080, nomad: 44646 },
  "every",
);
const minutes = 60_000;

const coes = Object.keys(
  z
    .object({ config: z.object({ "seamless:coes": z.record(z.string(), z.unknown()) }) })
    .parse(parse(readFileSync(resolve(__dirname, "..", "..", file), "utf8"))).config[
    "seamless:coes"
  ],
);

aroundLab(lab);

test(
  "one update brings all kinds up, and every pair of them agrees",
  async () => {
    const passed = new Set(await comesUp(lab, "180s"));
    const between = (some: readonly string[], family: string) =>
      some.flatMap((from) =>
        some.filter((to) => to !== from).map((to) => `http/${from}-to-${to}${family}`),
      );
    const pairs = [
      ...between(coes, ""),
      ...between(
        coes.filter((name) => name !== "dcos"),
        "/ipv6",
      ),
    ];
    expect(pairs.filter((id) => !passed.has(id))).toEqual([]);
  },
  30 * minutes,
);
