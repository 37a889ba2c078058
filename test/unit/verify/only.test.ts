import { coeRuntimes } from "../../../components/kinds/runtime";
import { speakerOf } from "../../../components/kinds/speakers";
import { routerKind } from "../../../components/reflector/kinds";
import type { Access } from "../../../plan/access";
import { once } from "../../../verify/rounds";
import { verify } from "../../../verify/run";
import { type Programs, programs } from "../../helpers/programs";
import { plan, planWith } from "./fixture";

let fakes: Programs | undefined;
afterEach(() => fakes?.remove());

const docker = (container: string) =>
  ({ via: "docker", dockerHost: "unix:///nowhere", container }) as const;

const access: Access = {
  reflectors: { reflector: docker("rr") },
  coes: {
    kubernetes: { kubeconfig: "", nodes: { "worker-1": docker("worker-1") } },
    dcos: { url: "http://127.0.0.1:1", nodes: { "agent-1": docker("agent-1") } },
  },
};

/** Says what it was asked, and answers with an empty list. */
const says = `echo "$(basename $0) $*" >> $SAID; echo '[]'`;
const outputs = { plan, access, probes: ["kubernetes"] };
const asked = async (...only: string[]) => {
  fakes = programs({ docker: says, kubectl: says });
  await verify(outputs, {
    kinds: coeRuntimes,
    routerOf: routerKind,
    speakers: speakerOf,
    only,
    waitMs: 0,
    pace: once,
  });
  return fakes.said().map((line) => line.replace(/--kubeconfig=\S+/, "--kubeconfig=K"));
};

test("--only session asks the reflector for its neighbours and what it took of them, and nobody else", async () => {
  expect(await asked("session")).toEqual([
    "docker exec rr gobgp -j neighbor",
    "docker exec rr gobgp -j global rib",
  ]);
});

test("--only of one node's routes asks that node, the reflectors and the COEs' IPAM", async () => {
  expect((await asked("fib/dcos/agent-1")).sort()).toEqual([
    "docker exec agent-1 ip -j -4 route show",
    "docker exec rr gobgp -j global rib",
    "kubectl --kubeconfig=K --request-timeout=20s get ipamblocks.crd.projectcalico.org,blockaffinities.crd.projectcalico.org -o json",
    "kubectl --kubeconfig=K --request-timeout=20s get pods --all-namespaces -o json",
  ]);
});

test("--only http asks for the workloads at both ends, and for no routes", async () => {
  expect(await asked("http/dcos-to-kubernetes")).toEqual([
    "kubectl --kubeconfig=K --request-timeout=20s get pods -n seamless -l app=seamless-probe -o json",
  ]);
});

test("a hundred nodes are asked by no more than 16 processes at a time", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `worker-${index}`);
  const nodes = Object.fromEntries(
    names.map((name, index) => [name, { address: `172.16.18.${index + 100}` }]),
  );
  const large = planWith({ kubernetes: { nodes } });
  fakes = programs({ docker: `echo + >> $SAID; sleep 0.05; echo - >> $SAID; echo '[]'` });
  const shells = Object.fromEntries(names.map((name) => [name, docker(name)]));
  const many = {
    plan: large,
    access: { reflectors: {}, coes: { kubernetes: { nodes: shells } } },
    probes: [],
  };
  const only = ["fib"];
  await verify(many, {
    kinds: coeRuntimes,
    routerOf: routerKind,
    speakers: speakerOf,
    only,
    waitMs: 0,
    pace: once,
  });
  let running = 0;
  let most = 0;
  for (const line of fakes.said()) {
    running += line === "+" ? 1 : -1;
    most = Math.max(most, running);
  }
  expect(fakes.said()).toHaveLength(200);
  expect(most).toBeLessThanOrEqual(16);
  expect(most).toBeGreaterThan(1);
}, 30_000);
