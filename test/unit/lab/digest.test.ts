import { labKinds } from "../../../components/kinds/lab";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { filesDigest } from "../../../lab/hosts/digest";

const coes = Object.values(makePlan(readStackConfig("Pulumi.lab.yaml")).coes);

test("the digest is that of what is written to the hosts, and of nothing else", () => {
  const digest = filesDigest(coes, labKinds);
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(filesDigest(coes, labKinds)).toBe(digest);
  const policy = { mode: "closed", from: [] } as const;
  expect(
    filesDigest(
      coes.map((coe) => ({ ...coe, policy })),
      labKinds,
    ),
  ).toBe(digest);
  expect(
    filesDigest(
      coes.map((coe) => ({ ...coe, forwards: { x: ["192.0.2.1:53"] } })),
      labKinds,
    ),
  ).not.toBe(digest);
});
