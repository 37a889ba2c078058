import { frr } from "../../components/reflector/frr";
import { testRouterLab } from "../helpers/router-lab";

interface Summary {
  readonly ipv4Unicast: {
    readonly peers: Readonly<
      Record<
        string,
        { readonly connectionsEstablished: number; readonly connectionsDropped: number }
      >
    >;
  };
}

testRouterLab({
  kind: "frr",
  title: "FRR",
  ports: { kubernetes: 46443, etcd: 42379, dcos: 48080 },
  ask: [...frr.client(frr.container.api), ...frr.tables.neighbours.args],
  /** How often each session came up and was lost, as FRR says it. */
  sessions(said) {
    const { ipv4Unicast }: Summary = JSON.parse(said);
    return Object.fromEntries(
      Object.entries(ipv4Unicast.peers).map(([address, one]) => [
        address,
        `${one.connectionsEstablished} up, ${one.connectionsDropped} lost`,
      ]),
    );
  },
});
