import { NodeDocker, type OnNode } from "../../../components/swarm/docker";
import { firstManager, managersFirst, readSwarm } from "../../../components/swarm/read";
import { dockerNetwork } from "../../../components/swarm/seen";
import type { CoePlan } from "../../../plan/types";
import { exitCode, SeamlessError } from "../../../util/errors";
import { swarmPlan } from "./plan";

const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });
const refused = (stderr: string) => ({ code: 1, stdout: "", stderr });
const gone = "Error response from daemon: network n2 not found\nexit status 1\n";
const network = (id: string) => JSON.stringify({ Id: id, Name: id });

function swarmOf(): CoePlan {
  const { swarm } = swarmPlan().coes;
  if (swarm === undefined) throw new Error("no swarm in the plan");
  return swarm;
}

/** A docker that has other networks each time it lists them. @param turns what it lists, and how it answers then */
function changing(turns: readonly (readonly [ids: string, answer: ReturnType<typeof ok>])[]) {
  let turn = -1;
  const run: OnNode = async (_, [, , what = ""]) => {
    if (what === "ls") turn++;
    const [ids, answer] = turns[Math.min(turn, turns.length - 1)] ?? ["", ok("")];
    return what === "ls" ? ok(ids) : answer;
  };
  return { docker: new NodeDocker(run, "worker"), turns: () => turn + 1 };
}

test("what has gone between a list and a look at it is listed again", async () => {
  const { docker, turns } = changing([
    ["n1\nn2\n", refused(gone)],
    ["n1\n", ok(`${network("n1")}\n`)],
  ]);
  expect((await docker.inspectAll(dockerNetwork, "network")).map(({ Id }) => Id)).toEqual(["n1"]);
  expect(turns()).toBe(2);
});

test("but not for ever, and the error is what docker says", async () => {
  const { docker, turns } = changing([["n1\nn2\n", refused(gone)]]);
  await expect(docker.inspectAll(dockerNetwork, "network")).rejects.toThrow(
    /^worker: docker network inspect n1 n2 --format \{\{json \.\}\}: Error response from daemon: network n2 not found$/,
  );
  expect(turns()).toBe(5);
});

test("a list without members is looked at no further", async () => {
  const { docker } = changing([["", refused("requires at least 1 argument")]]);
  expect(await docker.inspectAll(dockerNetwork, "network")).toEqual([]);
});

test("a client whose daemon does not answer prints an answer without one", async () => {
  const error = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.";
  const run: OnNode = async () => ok(`${JSON.stringify({ ID: "", ServerErrors: [error] })}\n`);
  expect(await readSwarm(swarmOf(), run)).toEqual({
    daemons: { manager: { unreachable: error }, worker: { unreachable: error } },
    swarm: { unreachable: "no node of the plan is a manager that answers" },
  });
});

test("managers of the plan are asked first, and the next one where one does not answer", async () => {
  expect(managersFirst(swarmOf())).toEqual(["manager", "worker"]);
  const run: OnNode = async (node) =>
    node === "manager" ? refused("The swarm does not have a leader.") : ok("w1\n");
  expect((await firstManager(["manager", "worker"], run)).node).toBe("worker");
});

test("a swarm of which no host is reached is told apart from one that refuses", async () => {
  const away: OnNode = async (node) => {
    throw new SeamlessError(`${node}: cannot be reached`, exitCode.nothingToCheck);
  };
  const silent: OnNode = async (node) =>
    node === "manager" ? away(node, []) : refused("This node is not a swarm manager.");
  await expect(firstManager(["manager", "worker"], away)).rejects.toMatchObject({
    message:
      "no manager of the swarm answers:\nmanager: cannot be reached\nworker: cannot be reached",
    code: exitCode.nothingToCheck,
  });
  await expect(firstManager(["manager", "worker"], silent)).rejects.toMatchObject({
    code: exitCode.operationFailed,
  });
});
