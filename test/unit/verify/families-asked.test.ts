import type { Answer } from "../../../components/ask/types";
import type { KindProbe } from "../../../components/contract/probe";
import { planIn } from "../../../plan/one-family";
import { goneChecks } from "../../../verify/checks/gone";
import { deployedCoes } from "../../../verify/coes";
import { neededIn } from "../../../verify/one-family";
import { type NameAnswers, parseAnswers } from "../../../verify/seen/answers";
import { fetchNames } from "../../../verify/seen/fetches";
import type { Need } from "../../../verify/types";
import { healthy, host, id, kernel, piece, plan, pod, workloadIn } from "./families-fixture";
import { ok } from "./fixture";

/** A COE whose containers answer with the address they were asked at. */
const probe = (own: string): KindProbe => {
  const nobody = () => Promise.reject(new Error("not asked for here"));
  return {
    host: `web.${own}.example`,
    fetch: (_, url) =>
      Promise.resolve(ok(own, JSON.stringify({ server: new URL(url).hostname, client: "c" }))),
    ...{ workloads: nobody, containers: nobody, blocks: nobody, nodes: nobody, objects: nobody },
    ...{ left: nobody, besideSpeaker: nobody },
  };
};

const key = "nameFetches/one-to-two/ipv6" as const;

async function byName(answers: Answer<NameAnswers>) {
  const found = await fetchNames(
    deployedCoes(planIn(plan, 6)),
    { one: probe("one"), two: probe("two") },
    { one: ok("one", [workloadIn("one", 6)]), two: ok("two", [workloadIn("two", 6)]) },
    neededIn(new Set<Need>([key]), 6),
    () => Promise.resolve(answers),
  );
  return found["one-to-two"]?.answer;
}

test("by IPv6 a name is asked for first, and its AAAA record is the address that is asked", async () => {
  const answers = ok("dns", { "10.96.0.10:53": [pod.two[4], pod.two[6]] });
  expect(await byName(answers)).toEqual(ok("one", { server: `[${pod.two[6]}]`, client: "c" }));
});

test("a name server without an AAAA record is named", async () => {
  const both = { "10.96.0.10:53": [pod.two[4], pod.two[6]], "10.97.0.10:53": [pod.two[4]] };
  expect(await byName(ok("dns", both))).toEqual({
    ...{ ok: false, asked: "dns" },
    error: "10.97.0.10:53 has no AAAA record of web.two.example",
  });
});

test("what is asked in IPv6 is not asked again in IPv4", () => {
  const needed = new Set<Need>([key, "kernels/one/n-one", "fetches/one-to-two"]);
  expect([...neededIn(needed, 4)]).toEqual(["kernels/one/n-one", "fetches/one-to-two"]);
  expect([...neededIn(needed, 6)]).toEqual(["nameFetches/one-to-two", "kernels/one/n-one"]);
});

test("both records of a name are read", () => {
  const said = `@@ 10.96.0.10:53
Server:\t\t10.96.0.10
Address:\t10.96.0.10:53

Name:\tweb
Address: ${pod.two[4]}
Name:\tweb
Address: ${pod.two[6]}
`;
  expect(parseAnswers(said)).toEqual({ "10.96.0.10:53": [pod.two[4], pod.two[6]] });
});

test("a route of IPv6 that a stack has left is told of", () => {
  const check = goneChecks(plan, () => ({ routeProtocol: "bird" })).find(
    (one) => one.id === "gone/route/one/n-one",
  );
  const own = kernel("one");
  const six = own.ipv6?.routes.filter(({ protocol }) => protocol === "bird") ?? [];
  const left = { ...own, routes: [], ...(own.ipv6 ? { ipv6: { ...own.ipv6, routes: six } } : {}) };
  const seen = { ...healthy, kernels: { [id("one")]: ok("ip", left) } };
  expect(check?.judge(seen)).toMatchObject({
    ...{ status: "fail", found: `${piece.two[6]} via ${host.two[6]} table main` },
  });
});
