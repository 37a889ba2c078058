import { makePlan, parseConfig } from "../../components/kinds/planning";
import { containerDaemon } from "../../components/reflector/container";
import { gobgp } from "../../components/reflector/gobgp";
import { lookAtReflector } from "../../components/reflector/look";
import { TestDocker } from "../helpers/dockerd";

const daemon = new TestDocker();
const before = process.env.DOCKER_HOST;

const planOf = (worker: string) =>
  makePlan(
    parseConfig({
      network: { nodes: ["10.77.5.0/24", "10.78.0.0/24"], asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "10.78.0.5" } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: "10.77.128.0/17",
          policy: "open",
          access: { kubeconfig: "kubeconfig" },
          nodes: { "worker-1": { address: worker } },
        },
      },
    }),
  );

const look = (worker: string, attached = false) =>
  lookAtReflector(
    { container: "rr", planned: "", plan: planOf(worker), reflector: "rr", attached },
    containerDaemon(gobgp, {}, "rr"),
  );

beforeAll(async () => {
  await daemon.up();
  process.env.DOCKER_HOST = daemon.host;
  await daemon.docker("network", "create", "--subnet", "10.77.0.0/16", "others");
  await daemon.docker("network", "create", "--subnet", "10.78.0.0/24", "nodes");
}, 120_000);

afterAll(async () => {
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
  await daemon.down();
});

test("a network of the Docker host that holds a node is told before the reflector is made", async () => {
  await expect(look("10.77.5.11", true)).rejects.toThrow(
    "rr cannot be changed as planned; nothing was changed: docker/others: 10.77.0.0/16, which holds planned addresses: kubernetes/worker-1 10.77.5.11; the host sends what is for these to Docker's bridge: their sessions do not come up; remove the Docker network others there or make it anew with another --subnet, or use another dockerHost",
  );
});

test("the network that the reflector is attached to is the nodes' own, and containers' ranges are not looked at", async () => {
  expect(await look("10.78.0.11", true)).toBe("rr: not there yet");
  await expect(look("10.78.0.11")).rejects.toThrow(
    "docker/nodes: 10.78.0.0/24, which holds planned",
  );
});
