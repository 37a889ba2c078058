import {
  createNodeNetwork,
  createSwarmNetwork,
  nodeNetwork,
  swarmNetwork,
} from "../../../components/swarm/networks";

const settings = { coe: "swarm", network: "seamless", subnets: ["10.90.1.0/24"] };
const both = { ...settings, subnets: ["10.90.1.0/24", "fd00:90:1::/64"] };

const command = (version: string, of = settings) =>
  createNodeNetwork(nodeNetwork(of, version)).join(" ");

test.each(["20.10.24+dfsg1", "27.5.1"])(
  "Docker %s gets settings without masquerading",
  (version) => {
    expect(command(version)).toBe(
      "network create --config-only --subnet 10.90.1.0/24 --opt com.docker.network.bridge.name=seamless0 --opt com.docker.network.bridge.enable_ip_masquerade=false --label seamless.coe=swarm seamless-node",
    );
  },
);

test.each(["28.0.0", "29.1.2"])(
  "Docker %s drops what comes from outside unless told not to",
  (version) => {
    expect(command(version)).toBe(
      "network create --config-only --subnet 10.90.1.0/24 --opt com.docker.network.bridge.name=seamless0 --opt com.docker.network.bridge.enable_ip_masquerade=false --opt com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected --label seamless.coe=swarm seamless-node",
    );
  },
);

test("two families are two subnets, and a gateway mode for each", () => {
  expect(command("28.2.2", both)).toBe(
    "network create --config-only --ipv6 --subnet 10.90.1.0/24 --subnet fd00:90:1::/64 --opt com.docker.network.bridge.name=seamless0 --opt com.docker.network.bridge.enable_ip_masquerade=false --opt com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected --opt com.docker.network.bridge.gateway_mode_ipv6=nat-unprotected --label seamless.coe=swarm seamless-node",
  );
  expect(command("20.10.24", both)).toContain("--config-only --ipv6 --subnet 10.90.1.0/24");
});

test("the swarm's network takes the settings of each node, and plain containers may join", () => {
  expect(createSwarmNetwork(swarmNetwork("seamless")).join(" ")).toBe(
    "network create --driver bridge --scope swarm --attachable --config-from seamless-node seamless",
  );
});
