import { adoptSwarm } from "../../../components/swarm/adopt";
import { type Programs, programs } from "../../helpers/programs";

/** What Docker 20.10 says of its nodes, but for certificates and plugins. */
const nodes = [
  '{"ID":"gx08","Spec":{"Labels":{},"Role":"manager","Availability":"active"},"Description":{"Hostname":"Docker-1.example.com","Engine":{"EngineVersion":"20.10.24+dfsg1"}},"Status":{"State":"ready","Addr":"172.31.0.2"},"ManagerStatus":{"Leader":true,"Reachability":"reachable","Addr":"172.31.0.2:2377"}}',
  '{"ID":"tzn4","Spec":{"Labels":{},"Role":"worker","Availability":"drain"},"Description":{"Hostname":"docker_2"},"Status":{"State":"ready","Addr":"172.31.0.3"}}',
  '{"ID":"4i32","Spec":{"Labels":{},"Role":"worker","Availability":"active"},"Description":{"Hostname":"docker-2"},"Status":{"State":"down","Addr":"172.31.0.3"}}',
];

let ssh: Programs | undefined;
afterEach(() => ssh?.remove());

/** An ssh that runs what it is given with a docker of these nodes. */
const withNodes = () =>
  programs({
    ssh: `echo "$*" >>$SAID
case "$*" in
  *"'ls'"*) printf 'gx08\\ntzn4\\n4i32\\n' ;;
  *"'inspect'"*) cat <<'END'
${nodes.join("\n")}
END
  ;;
esac`,
  });

test("a swarm is read from a manager: its nodes with their roles, under names that can be written", async () => {
  ssh = withNodes();
  const { fields, nodes } = await adoptSwarm({
    name: "swarm",
    flags: { manager: "ops@172.31.0.2:2222" },
  });
  expect(fields).toEqual({ access: { ssh: { user: "ops", port: 2222 } } });
  expect(nodes).toEqual({
    "docker-1": { address: "172.31.0.2", role: "manager" },
    "node-172-31-0-3": { address: "172.31.0.3" },
  });
  expect(ssh.said()[0]).toBe(
    "-o BatchMode=yes -o ConnectTimeout=5 ssh://ops@172.31.0.2:2222 -- 'sudo' '-n' '--' 'docker' 'node' 'ls' '--quiet'",
  );
});

test.each([
  [{}, "swarm: found no manager; needed: manager=user@address of a manager, which ssh reaches"],
  [
    { manager: "a b" },
    "swarm: found manager a b; needed: manager=user@address of a manager, which ssh reaches",
  ],
])("refuses %j", async (flags, message) => {
  await expect(adoptSwarm({ name: "swarm", flags })).rejects.toMatchObject({ message, code: 2 });
});

test("a node that is no manager says so, and there is nothing to read", async () => {
  ssh = programs({
    ssh: `echo "Error response from daemon: This node is not a swarm manager." >&2; exit 1`,
  });
  await expect(
    adoptSwarm({ name: "swarm", flags: { manager: "root@172.31.0.3" } }),
  ).rejects.toMatchObject({
    message:
      "swarm: manager: docker node ls --quiet: Error response from daemon: This node is not a swarm manager.",
    code: 3,
  });
});
