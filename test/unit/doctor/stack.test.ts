import { routerKind } from "../../../components/reflector/kinds";
import { stackLines } from "../../../doctor/stack";
import { no, ok, plan } from "../verify/fixture";

const viaCoe = { via: "kubectl" } as const;
const access = {
  reflectors: {},
  coes: {
    kubernetes: { nodes: { "worker-1": viaCoe } },
    dcos: { nodes: {} },
  },
};
const outputs = { plan, access, probes: [] };

test("everybody who answers is told with the version", async () => {
  const probe = {
    nodes: async () => ok("kubernetes: nodes", []),
    onNode: async (node: string, argv: readonly string[]) =>
      ok(node, `${node}: ${argv.join(" ")}\n`),
  };
  const lines = await stackLines(outputs, { kubernetes: probe }, routerKind);
  expect(lines.filter(({ id }) => id.includes("kubernetes"))).toEqual([
    { id: "coe/kubernetes", level: "ok", found: "its API answers: 0 nodes" },
    { id: "host/kubernetes/worker-1", level: "ok", found: "Linux worker-1: uname -r" },
  ]);
});

test("whoever does not answer is told with what to do", async () => {
  const probe = {
    nodes: async () => no("kubernetes: nodes", "connection refused"),
    onNode: async () => no("kubernetes/worker-1: uname -r", "no pod there"),
  };
  expect(await stackLines(outputs, { kubernetes: probe }, routerKind)).toEqual([
    {
      id: "coe/dcos",
      level: "fail",
      found: "the stack's outputs have no access to it",
      advice: "check that the API of dcos runs, and coes.dcos.access",
    },
    {
      id: "host/dcos/agent-1",
      level: "warn",
      found: "the stack's outputs have no access to it",
      advice: "set access.ssh of its COE, so that its routes can be asked for",
    },
    {
      id: "host/dcos/master",
      level: "warn",
      found: "the stack's outputs have no access to it",
      advice: "set access.ssh of its COE, so that its routes can be asked for",
    },
    {
      id: "coe/kubernetes",
      level: "fail",
      found: "kubernetes: nodes: connection refused",
      advice: "check that the API of kubernetes runs, and coes.kubernetes.access",
    },
    {
      id: "host/kubernetes/worker-1",
      level: "fail",
      found: "kubernetes/worker-1: uname -r: no pod there",
      advice: "check that the COE's API can be reached",
    },
  ]);
});

test("a Docker host that cannot be spoken to does not end it", async () => {
  const shell = { via: "docker", dockerHost: "tcp://192.0.2.1:2375", container: "x" } as const;
  const lines = await stackLines(
    { ...outputs, access: { ...access, reflectors: { reflector: shell } } },
    {},
    routerKind,
  );
  expect(lines.filter(({ id }) => /^(docker|reflector)/.test(id))).toEqual([
    {
      id: "docker/tcp://192.0.2.1:2375",
      level: "fail",
      found: expect.stringContaining("found tcp://192.0.2.1:2375 without TLS"),
      advice: "check that Docker runs there, and that this user may reach it",
    },
    {
      id: "reflector/reflector",
      level: "fail",
      found: expect.stringContaining("found tcp://192.0.2.1:2375 without TLS"),
      advice: "check that the container x runs on tcp://192.0.2.1:2375",
    },
  ]);
});
