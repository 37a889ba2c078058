import type { CoePlan, Plan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import type { Probe } from "../contract/deploy";
import { probeName, probePort } from "../contract/probe";
import type { ProbeConfig } from "./model/config";
import { networkMode } from "./model/plan";

/** A job as the API takes it, as far as the probe needs it. */
export interface NomadJob {
  readonly ID: string;
  readonly [field: string]: unknown;
}

/** Answers every GET with the server's name and the client's address as it sees it. */
const program = `
import http.server, json, os, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        client = self.client_address[0]
        if client.startswith("::ffff:"):
            client = client[7:]
        text = json.dumps({"server": os.environ["NOMAD_ALLOC_ID"], "client": client}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *args):
        pass
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()
Server(("::", ${probePort}), Handler).serve_forever()
`;

const python = ["python3", "-u", "-c", program];

/**
 * The job by which `seamless verify` proves traffic: a server on the network of the plan, at most one on each client, with
 * a native service that has the allocation's address.
 * @throws SeamlessError when more servers are asked for than there are clients.
 */
export function probeJob(plan: Plan, coe: string, probe: Probe & ProbeConfig): NomadJob {
  const planned = plan.coes[coe];
  if (planned === undefined) throw new SeamlessError(`coes.${coe}: not in the plan`);
  const clients = probeClients(planned.nodes);
  if (probe.instances > clients)
    throw new SeamlessError(
      `coes.${coe}.probe.instances: found ${probe.instances}, allowed 0 to ${clients}: one for each client, for no client runs two`,
      exitCode.usage,
    );
  return {
    ID: probeName,
    Name: probeName,
    Type: "service",
    Datacenters: ["*"],
    Constraints: [{ Operand: "distinct_hosts", RTarget: "true" }],
    TaskGroups: [
      {
        Name: probeName,
        Count: probe.instances,
        Networks: [{ Mode: networkMode(planned) }],
        Services: [
          {
            Name: probeName,
            Provider: byConsul(planned) ? "consul" : "nomad",
            // Without it the service would have the client's address.
            AddressMode: "alloc",
            PortLabel: String(probePort),
          },
        ],
        RestartPolicy: { Attempts: 3, Interval: 60e9, Delay: 5e9, Mode: "fail" },
        ReschedulePolicy: {
          Unlimited: true,
          Delay: 5e9,
          DelayFunction: "constant",
          MaxDelay: 5e9,
          Attempts: 0,
          Interval: 0,
        },
        // With an allocation on every client there is no room for a new one until an old one is gone.
        Update: { MaxParallel: probe.instances, HealthCheck: "task_states", Canary: 0 },
        Tasks: [{ ...task(probe), Name: probeName, Resources: { CPU: 50, MemoryMB: 64 } }],
      },
    ],
  };
}

function task({ driver, command, image }: Probe & ProbeConfig) {
  const argv = command ?? (image === undefined ? python : undefined);
  const [program, ...args] = argv ?? [];
  return {
    Driver: driver ?? (image === undefined ? "exec" : "docker"),
    Config: {
      ...(image === undefined ? {} : { image }),
      ...(program === undefined ? {} : { command: program, args }),
    },
  };
}

/** Whether others resolve its names by Consul, whose zone is called so; else by records of the native services. */
export function byConsul({ names }: Pick<CoePlan, "names">): boolean {
  return names?.zones[0]?.split(".")[0] === "consul";
}

/** How many nodes may run the probe. */
export function probeClients(nodes: Readonly<Record<string, { readonly role: string }>>): number {
  return Object.values(nodes).filter(({ role }) => role === "client").length;
}
