import { messageOf } from "../../../util/errors";
import { type ApiRequest, HttpError, type Reply } from "../http";
import { type AgentReport, readReport } from "../protocol";
import type { Marathon } from "./marathon";
import { agentId } from "./show";
import type { AgentRecord, TaskRecord } from "./state";

/** The release whose names of fields are used. */
const mesosVersion = "1.11.0";

/**
 * Answers one request at the Mesos master's address: the reports of the agents, which are this stand-in's own
 * protocol, and as much of the operator's API as is needed to look around, and as Mesos-DNS reads.
 * @param leader `address:port` of the leading master
 */
export function mesosApi(marathon: Marathon, leader: string, request: ApiRequest): Reply {
  const { method, path } = request;
  if (method === "POST" && path.startsWith("/agents/")) {
    const report = readAgentReport(request, path.slice("/agents/".length));
    return { status: 200, body: marathon.report(report) };
  }
  const name = path.replace(/^\/master(?=\/)/, "").replace(/\.json$/, "");
  if (method === "GET" && name === "/version") {
    return { status: 200, body: { version: mesosVersion, build_user: "stand-in" } };
  }
  if (method === "GET" && name === "/health") return { status: 200 };
  const { agents } = marathon.state;
  if (method === "GET" && name === "/slaves") {
    return { status: 200, body: showAgents(marathon) };
  }
  if (method === "GET" && (name === "/state" || name === "/state-summary")) {
    const tasks = [...marathon.state.tasks.values()].map(showMesosTask);
    return {
      status: 200,
      body: {
        version: mesosVersion,
        cluster: "lab",
        leader: `master@${leader}`,
        activated_slaves: [...agents.values()].filter((agent) => !agent.recovered).length,
        ...showAgents(marathon),
        frameworks: [
          {
            id: "marathon-stand-in",
            name: "marathon",
            active: true,
            hostname: leader.split(":")[0],
            tasks,
          },
        ],
      },
    };
  }
  throw new HttpError(404, { message: `No ${method} ${path} here` });
}

function readAgentReport(request: ApiRequest, name: string): AgentReport {
  let value: unknown;
  try {
    value = JSON.parse(request.body);
  } catch (thrown) {
    throw new HttpError(400, { message: `Invalid JSON: ${messageOf(thrown)}` });
  }
  const report = readReport(value);
  if (report === undefined || report.name !== name) {
    throw new HttpError(400, { message: `Not the report of an agent ${name}` });
  }
  return report;
}

/** Agents that have not been heard of since a restart of the master are listed apart, as in Mesos. */
function showAgents(marathon: Marathon) {
  const agents = [...marathon.state.agents.values()];
  const shown = (recovered: boolean) =>
    agents
      .filter((agent) => agent.recovered === recovered)
      .map((agent) => showAgent(marathon, agent));
  return { slaves: shown(false), recovered_slaves: shown(true) };
}

function showAgent(marathon: Marathon, agent: AgentRecord): unknown {
  const tasks = [...marathon.state.tasks.values()].filter((task) => task.agent === agent.name);
  const apps = tasks.flatMap((task) => marathon.state.apps.get(task.spec.appId)?.definition ?? []);
  const role = agent.role === "public" ? "slave_public" : "*";
  return {
    id: agentId(agent.name),
    hostname: agent.address,
    // libprocess's name of it; the port is the one an agent of Mesos has.
    pid: `slave(1)@${agent.address}:5051`,
    active: !agent.recovered,
    attributes: agent.role === "public" ? { public_ip: "true" } : {},
    resources: { ...agent.resources, disk: 0, gpus: 0, ports: "[31000-32000]" },
    used_resources: {
      cpus: apps.reduce((sum, app) => sum + app.cpus, 0),
      mem: apps.reduce((sum, app) => sum + app.mem, 0),
      disk: 0,
      gpus: 0,
    },
    ...(role === "*" ? {} : { reserved_resources: { [role]: agent.resources } }),
    version: mesosVersion,
  };
}

function showMesosTask(task: TaskRecord): unknown {
  const addresses = task.ipAddress === undefined ? [] : [{ ip_address: task.ipAddress }];
  return {
    id: task.spec.id,
    name: task.spec.appId.slice(1).split("/").reverse().join("."),
    framework_id: "marathon-stand-in",
    slave_id: agentId(task.agent),
    state: task.dying ? "TASK_KILLING" : task.state,
    statuses: [
      {
        state: task.state,
        timestamp: Date.parse(task.startedAt ?? task.stagedAt) / 1000,
        container_status: {
          container_id: { value: task.spec.containerId },
          network_infos: [{ ip_addresses: addresses }],
        },
      },
    ],
  };
}
