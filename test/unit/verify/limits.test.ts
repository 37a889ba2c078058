import { acceptanceChecks } from "../../../verify/checks/acceptance";
import { healthy, ok, planWith } from "./fixture";

const [worker, agent] = ["172.16.18.34", "172.16.18.43"];
const role = { asn: 64511, clusterId: "172.16.18.32", established: true };

/** What verify says where the daemon has some limits; the plan has one for the worker alone. */
function judged(limits: Readonly<Record<string, number>>) {
  const plan = planWith({ kubernetes: { prefixLimit: 500 } });
  const seen = healthy.accepts.reflector;
  if (!seen?.ok) throw new Error("no acceptance in the fixture");
  const neighbours = Object.fromEntries(
    [worker, agent].map((address) => {
      const limit = limits[address];
      return [address, { ...role, ...(limit === undefined ? {} : { limit }) }];
    }),
  );
  const accepts = { reflector: ok(seen.asked, { ...seen.value, neighbours }) };
  const verdict = acceptanceChecks(plan)[0]?.judge({ ...healthy, accepts });
  return [verdict?.status, verdict?.found];
}

test("the limit of prefixes that a reflector's daemon has is that of the plan", () => {
  const all = "2 neighbours, each with its own ranges; all else refused";
  expect(judged({ [worker]: 500 })).toEqual(["pass", all]);
  expect(judged({})).toEqual([
    "fail",
    `neighbour ${worker} has no limit of prefixes (should be 500)`,
  ]);
  expect(judged({ [worker]: 5000, [agent]: 7 })).toEqual([
    "fail",
    `neighbour ${agent} has a limit of 7 prefixes (should be none); neighbour ${worker} has a limit of 5000 prefixes (should be 500)`,
  ]);
});
