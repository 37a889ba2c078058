import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { endsAt } from "../../../plan/sessions";
import { parseOutputs } from "../../../verify/outputs";
import { withOlderTimers } from "../../helpers/sessions";

const folder = join(__dirname, "..", "state");
const plan = makePlan(readStackConfig(join(folder, "lab.yaml")));
const { reflector } = plan.reflectors;

/** The plan as a program of before gave it to a step; the state of a stack made with it has this text. */
function before(): unknown {
  const registered = z
    .array(z.object({ name: z.string(), inputs: z.object({ stdin: z.string().optional() }) }))
    .parse(JSON.parse(readFileSync(join(folder, "lab.json"), "utf8")));
  const { stdin = "" } = registered.find(({ name }) => name === "reflector-look")?.inputs ?? {};
  return z.object({ plan: z.unknown() }).parse(JSON.parse(stdin)).plan;
}

test("outputs of a stack that was made before are understood, as the plan of today", () => {
  expect(before()).toMatchObject({
    schemaVersion: 1,
    sessions: { "reflector/dcos/agent-1": { client: true, node: { id: "dcos/agent-1" } } },
  });
  const access = { reflectors: {}, coes: {} };
  const read = (one: unknown) =>
    parseOutputs(JSON.stringify({ plan: one, access, probes: [] }), "stack lab").plan;
  expect(read(before())).toEqual(withOlderTimers(plan));
  expect(read(plan)).toEqual(plan);
});

test("a plan of another version is refused", () => {
  const access = { reflectors: {}, coes: {} };
  const outputs = JSON.stringify({ plan: { ...plan, schemaVersion: 3 }, access });
  expect(() => parseOutputs(outputs, "stack lab")).toThrow(
    "stack lab: not the outputs of this program",
  );
});

test("each router sees its sessions from its own end", () => {
  expect(endsAt(plan.sessions, "reflector").map(({ own, far }) => `${own.id} ${far.id}`)).toEqual(
    Object.values(plan.sessions).map(({ b }) => `reflector ${b.id}`),
  );
  const [only, ...more] = endsAt(plan.sessions, "dcos/agent-1");
  expect(more).toEqual([]);
  expect([only?.own.role, only?.far.role]).toEqual(["client", "reflector"]);
  expect(endsAt(plan.sessions, "dcos/nobody")).toEqual([]);
});

test("Calico's peers are global where the nodes' sessions are alike, and of one node each where they differ", () => {
  const peersOf = (of: typeof plan) =>
    Object.entries(calicoObjects(calicoPlan(of, "kubernetes")).peers).map(([key, peer]) => [
      key,
      peer.metadata.name,
      peer.spec,
    ]);
  const address = reflector?.address ?? "";
  const name = address.replaceAll(".", "-");
  expect(peersOf(plan)).toEqual([["reflector", name, { asNumber: 64511, peerIP: address }]]);
  const key = "reflector/kubernetes/worker-1";
  const { [key]: session, ...others } = plan.sessions;
  if (session === undefined) throw new Error(`no session ${key}`);
  const one = { ...plan, sessions: { ...others, [key]: { ...session, password: "own" } } };
  const secretKeyRef = { name: "seamless-bgp", key: "own" };
  expect(peersOf(one)).toEqual(
    ["controller", "worker-1", "worker-2", "worker-3"].map((node) => [
      `reflector/${node}`,
      `${name}.${node}`,
      {
        asNumber: 64511,
        node,
        ...(node === "worker-1" ? { password: { secretKeyRef } } : {}),
        peerIP: address,
      },
    ]),
  );
});
