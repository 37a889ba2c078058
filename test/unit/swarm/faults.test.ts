import { dockerService } from "../../../components/swarm/seen";
import { swarmFaults, swarmLeft } from "../../../components/swarm/verify/faults";
import type { CoePlan } from "../../../plan/types";
import { swarmPlan } from "./plan";
import { instance, settings, swarm } from "./state";

const plan = swarmPlan();

function swarmOf(): CoePlan {
  const { swarm: found } = plan.coes;
  if (found === undefined) throw new Error("no swarm in the plan");
  return found;
}

const faults = (change: Parameters<typeof swarm>[0]) => swarmFaults(plan, swarmOf(), swarm(change));

test("a swarm that is as the plan has it has no faults", () => {
  expect(faults({})).toEqual([]);
});

test("settings that are missing on a node are told with the command that makes them again", () => {
  expect(faults({ worker: { networks: [] } })).toEqual([
    {
      group: "pools",
      object: "network seamless-node on worker",
      found: "none",
      expected: "10.90.1.0/24",
      effect: "tasks are rejected there, because their network has no settings",
      remedy:
        "run on worker: docker network create --config-only --subnet 10.90.1.0/24 --opt com.docker.network.bridge.name=seamless0 --opt com.docker.network.bridge.enable_ip_masquerade=false --label seamless.coe=swarm seamless-node",
    },
  ]);
});

test("so is the network of the swarm", () => {
  expect(faults({ manager: { networks: [settings("10.90.0.0/24")] } })).toMatchObject([
    {
      object: "network seamless of the swarm",
      found: "none",
      remedy:
        "run on manager: docker network create --driver bridge --scope swarm --attachable --config-from seamless-node seamless",
    },
  ]);
});

test("what would stop a joining is a fault of one that has joined; what is only to know is none", () => {
  expect(faults({ worker: { networks: [settings("10.90.9.0/24")] } })).toMatchObject([
    {
      group: "pools",
      object: "network/worker",
      found: "network seamless-node of 10.90.9.0/24; the plan says seamless-node of 10.90.1.0/24",
      remedy: "run: pulumi up",
    },
  ]);
});

test("what a stack that is gone has left is told by name", () => {
  const services = [dockerService.parse({ ID: "p", Spec: { Name: "seamless-probe" } })];
  const left = (change: Parameters<typeof swarm>[0]) =>
    swarmLeft(swarmOf(), swarm(change)).faults.map(({ object, found }) => `${object}: ${found}`);
  expect(left({ swarm: { services } })).toEqual([
    "network seamless-node on manager: 10.90.0.0/24",
    "network seamless-node on worker: 10.90.1.0/24",
    "network seamless of the swarm: driver bridge",
    "service seamless-probe: it is there",
  ]);
  expect(left({ manager: { networks: [] }, worker: { networks: [] } })).toEqual([]);
  // A network of that name with another maker stays.
  const others = instance("10.99.0.0/24", [], { ConfigFrom: { Network: "theirs" } });
  expect(left({ manager: { networks: [others] }, worker: { networks: [] } })).toEqual([]);
});
