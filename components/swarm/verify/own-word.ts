import type { CoePlan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import type { Answer, CoeContainer, CoeNode, IpamBlock, Workload } from "../../ask/types";
import { probeName, probePort } from "../../contract/probe";
import { NodeDocker, type OnNode } from "../docker";
import { swarmPart } from "../model/plan";
import { settingsName } from "../networks";
import { firstManager, managersFirst } from "../read";
import type { ServiceTask } from "../records";
import {
  addressOfNode,
  type DockerContainer,
  type DockerNetwork,
  dockerContainer,
  dockerNetwork,
  dockerNode,
} from "../seen";

/** The label by which Docker says of which service a container is a task. */
const serviceLabel = "com.docker.swarm.service.name";
/** And of which stack. */
const stackLabel = "com.docker.stack.namespace";

/** What Docker says on every node of a swarm: its containers, and what its IPAM has given out; and what a manager says. */
export class OwnWord {
  constructor(
    private readonly coe: CoePlan,
    private readonly run: OnNode,
  ) {}

  /** Containers on the swarm's network, tasks or not. */
  async containers(): Promise<Answer<readonly CoeContainer[]>> {
    return this.onEach("docker container inspect ...", async (docker) =>
      (await this.attached(docker)).flatMap(({ name, address, address6 }) =>
        [address, ...(address6 === undefined ? [] : [address6])].map((one) => ({
          ...{ name, address: one },
          node: this.idOf(docker.node),
        })),
      ),
    );
  }

  /** The tasks of the probe. */
  async workloads(): Promise<Answer<readonly Workload[]>> {
    return this.onEach(`docker ps --filter label=${serviceLabel}=${probeName}`, async (docker) =>
      (await this.attached(docker, probeName)).map(({ labels: _, ...task }) => ({
        ...{ ...task, coe: this.coe.name, port: probePort },
        node: this.idOf(docker.node),
      })),
    );
  }

  /** All tasks on the network, by the names of their services. */
  async tasks(): Promise<Answer<readonly ServiceTask[]>> {
    return this.onEach("docker container inspect ...", async (docker) =>
      (await this.attached(docker)).flatMap(({ labels, address, address6 }): ServiceTask[] => {
        const { [serviceLabel]: service, [stackLabel]: stack } = labels;
        if (service === undefined) return [];
        const of = { service, ...(stack === undefined ? {} : { stack }) };
        return [
          { ...of, address },
          ...(address6 === undefined ? [] : [{ ...of, address: address6 }]),
        ];
      }),
    );
  }

  /** One block on each node: that of the network there, or that of its settings while no task runs there. */
  async blocks(): Promise<Answer<readonly IpamBlock[]>> {
    return this.onEach("docker network inspect ...", async (docker) => {
      const networks = await docker.inspectAll(dockerNetwork, "network");
      const { network } = swarmPart(this.coe);
      const used = networks.find(
        (one) => one.Name === network && one.ConfigFrom?.Network === settingsName(network),
      );
      const settings = networks.find((one) => one.Name === settingsName(network));
      const found = used === undefined || used.IPAM.length === 0 ? settings : used;
      return (found?.IPAM ?? []).map((cidr) => ({
        cidr,
        owners: [this.idOf(docker.node)],
        addresses: addressesIn(used, cidr, this.idOf(docker.node)),
      }));
    });
  }

  /** The swarm's own list, by the first manager that answers. */
  async nodes(): Promise<Answer<readonly CoeNode[]>> {
    const asked = `${this.coe.name}: docker node inspect ...`;
    try {
      const members = await (await firstManager(managersFirst(this.coe), this.run)).inspectAll(
        dockerNode,
        "node",
      );
      // One that was down when it joined again is there twice.
      const present = members.filter(({ Status }) => Status?.State !== "down");
      const value = present.map((member) => ({
        name: this.nameOf(addressOfNode(member)) ?? member.Description?.Hostname ?? member.ID,
        address: addressOfNode(member),
      }));
      return { ok: true, asked, value };
    } catch (thrown) {
      return { ok: false, asked, error: messageOf(thrown), unasked: true };
    }
  }

  private nameOf(address: string): string | undefined {
    return Object.values(this.coe.nodes).find((node) => node.address === address)?.name;
  }

  private idOf(name: string): string {
    return this.coe.nodes[name]?.id ?? name;
  }

  private async attached(docker: NodeDocker, service?: string) {
    const { network } = swarmPart(this.coe);
    const filter = service === undefined ? [] : ["--filter", `label=${serviceLabel}=${service}`];
    const found = await docker.inspectAll(dockerContainer, "container", ...filter);
    return found.filter(({ State }) => State.Running).flatMap((one) => endpointIn(one, network));
  }

  /** Asks every node; one that does not answer is an answer that failed. */
  private async onEach<T>(
    question: string,
    ask: (docker: NodeDocker) => Promise<readonly T[]>,
  ): Promise<Answer<readonly T[]>> {
    const asked = `${this.coe.name}: ${question}`;
    try {
      const names = Object.keys(this.coe.nodes);
      const found = await Promise.all(names.map((name) => ask(new NodeDocker(this.run, name))));
      return { ok: true, asked, value: found.flat() };
    } catch (thrown) {
      return { ok: false, asked, error: messageOf(thrown), unasked: true };
    }
  }
}

function endpointIn({ Name, Config, NetworkSettings }: DockerContainer, network: string) {
  const endpoint = NetworkSettings.Networks[network];
  const { IPAddress = "", GlobalIPv6Address = "" } = endpoint ?? {};
  const [address, address6] = [IPAddress, GlobalIPv6Address].filter((one) => one !== "");
  if (address === undefined) return [];
  const also = address6 === undefined ? {} : { address6 };
  return [{ name: Name, labels: Config.Labels, address, ...also }];
}

function addressesIn(network: DockerNetwork | undefined, cidr: string, node: string) {
  const six = cidr.includes(":");
  return (network?.Containers ?? []).flatMap(({ Name, IPv4Address, IPv6Address }) => {
    const [address = ""] = (six ? IPv6Address : IPv4Address).split("/");
    return address === "" ? [] : [{ address, holder: Name, node }];
  });
}
