import { aroundLab, comesUp, TestLab } from "../helpers/lab";

/** A lab with real swarms takes as long as one with Kubernetes; what is Docker's is in test/daemons/swarm.test.ts. */
const lab = new TestLab("Pulumi.swarm.yaml", { kubernetes: 26443 }, "swarms");
const minutes = 60_000;

aroundLab(lab, [[["seamless:network", "ipv6"], "2001:db8:18::/96"]]);

test(
  "one update brings a Kubernetes and a swarm up in dual stack, and everything agrees",
  async () => {
    expect(await comesUp(lab, "120s")).toEqual(
      expect.arrayContaining([
        ...["session/reflector/swarm/manager", "session/reflector/swarm/worker"],
        ...["http/kubernetes-to-swarm", "http/swarm-to-kubernetes"],
        ...["http/kubernetes-to-swarm/ipv6", "http/swarm-to-kubernetes/ipv6"],
        ...["objects/swarm/pools", "objects/swarm/peers", "objects/swarm/policies"],
      ]),
    );
  },
  20 * minutes,
);
