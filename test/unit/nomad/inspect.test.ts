import { networkPath } from "../../../components/nomad/cni";
import { compareNomad } from "../../../components/nomad/inspect/compare";
import type { ClientState, NomadState } from "../../../components/nomad/inspect/state";
import { coeOf, planOf } from "./plans";

const coe = coeOf(planOf());
const plugins = { bridge: "v1.9.1", "host-local": "v1.9.1", portmap: "v1.9.1" };
const fine: ClientState = {
  node: { name: "client-1", status: "ready", version: "1.9.7", plugins, modes: ["host"] },
  files: { files: [], leases: [] },
};
const stateOf = (client: ClientState, more: Partial<NomadState> = {}): NomadState => ({
  ...{ version: "1.9.7", region: "global", others: [], clients: { "client-1": client } },
  ...more,
});
const found = (state: NomadState) =>
  compareNomad(coe, state).map(({ level, id, found: text }) => `${level} ${id}: ${text}`);
const node = (more: object): ClientState =>
  fine.node === undefined ? fine : { ...fine, node: { ...fine.node, ...more } };

test("nothing is in the way of a cluster that is fine", () => {
  expect(found(stateOf(fine))).toEqual([]);
  expect(found(stateOf(fine, { version: "1.3.0" }))).toEqual([]);
});

test.each<[string, NomadState, string]>([
  [
    "an old server",
    stateOf(fine, { version: "1.2.16+ent" }),
    "blocks version: the server is Nomad 1.2.16+ent; needed: 1.3.0 or later",
  ],
  [
    "an old agent",
    stateOf(node({ version: "1.2.9" })),
    "blocks client-1/version: its agent is Nomad 1.2.9; needed: 1.3.0 or later",
  ],
  [
    "a client that is down",
    stateOf(node({ status: "down" })),
    "blocks client-1/status: its status is down",
  ],
  [
    "a client without plugins",
    stateOf(node({ plugins: { bridge: "v1.0.0" } })),
    "blocks client-1/plugins: it tells no CNI plugin host-local, portmap",
  ],
  [
    "a client that the cluster does not have",
    stateOf({ files: { files: [], leases: [] } }),
    "blocks client-1/node: the cluster has no client with the address 172.16.18.62 or the name client-1",
  ],
  [
    "a client that ssh does not reach",
    stateOf({ ...fine, files: { unreachable: "nomad/client-1: 172.16.18.62 cannot be reached" } }),
    "blocks client-1/host: nomad/client-1: 172.16.18.62 cannot be reached",
  ],
  [
    "a file of before",
    stateOf({
      ...fine,
      files: { files: [{ path: networkPath(coe), text: "{}", network: "seamless" }], leases: [] },
    }),
    "changes client-1/cni: /opt/cni/config/seamless.conflist is there, with another text than the plan's",
  ],
  [
    "clients that are not planned",
    stateOf(fine, { others: ["client-9 (172.16.18.99)"] }),
    "notes nodes: the cluster has clients that the plan does not name: client-9 (172.16.18.99)",
  ],
])("an inspection names %s", (_, state, text) => {
  expect(found(state)).toEqual([text]);
});
