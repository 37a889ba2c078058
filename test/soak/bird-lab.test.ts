import { bird } from "../../components/reflector/bird";
import { parseProtocols } from "../../components/reflector/bird/tables";
import { testRouterLab } from "../helpers/router-lab";

testRouterLab({
  kind: "bird",
  title: "BIRD",
  ports: { kubernetes: 36443, etcd: 32379, dcos: 38080 },
  ask: [...bird.client(bird.container.api), ...bird.tables.neighbours.args],
  /** Since when each session is up. */
  sessions: (said) =>
    Object.fromEntries(parseProtocols(said).map(({ address, since }) => [address, since])),
});
