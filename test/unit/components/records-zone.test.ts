import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { recordsZone } from "../../../components/records-zone";

const coeWith = (names: object) => {
  const { coes } = makePlan(
    parseConfig({
      network: { nodes: "10.1.0.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "10.1.0.9" } },
      coes: {
        jobs: {
          ...{ kind: "nomad", policy: "open", podCidr: "10.64.0.0/16", ...names },
          access: { url: "http://10.1.0.11:4646" },
          nodes: { one: { address: "10.1.0.11", podCidr: "10.64.1.0/24" } },
        },
      },
    }),
  );
  if (coes.jobs === undefined) throw new Error("not in the plan");
  return coes.jobs;
};

test("records are of the first zone of their COE", () => {
  const names = { zones: ["jobs.example", "more.example"], servers: ["10.1.0.53"] };
  expect(recordsZone(coeWith({ names }))).toBe("jobs.example");
});

test("records without a zone are refused with what is needed", () => {
  expect(() => recordsZone(coeWith({}))).toThrow(
    "coes.jobs.names: missing; needed: names: { zones: [ZONE], servers: [ADDRESS] }, whose servers read these records",
  );
});
