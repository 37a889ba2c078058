import { coeRuntimes } from "../../../components/kinds/runtime";

test("DC/OS takes them in its config.yaml", async () => {
  expect(
    await coeRuntimes.dcos.render.names({ "cluster.local": ["10.96.0.10:53"] }),
  ).toBe(`dns_forward_zones:
  cluster.local:
    - 10.96.0.10:53
`);
});

test("Kubernetes takes them as part of CoreDNS's, kube-dns's or NodeLocal DNSCache's configuration", async () => {
  expect(
    await coeRuntimes.kubernetes.render.names({ mesos: ["172.16.18.42:53"] }),
  ).toBe(`# CoreDNS: at the end of Corefile in ConfigMap kube-system/coredns
mesos:53 {
    errors
    cache 5
    forward . 172.16.18.42:53
}

# kube-dns: the data of ConfigMap kube-system/kube-dns
stubDomains: '{"mesos":["172.16.18.42:53"]}'

# NodeLocal DNSCache, where there is one: at the end of Corefile in ConfigMap kube-system/node-local-dns, with the
# addresses of the bind lines that are there. kubespray: ConfigMap kube-system/nodelocaldns, bind 169.254.25.10, or
# nodelocaldns_external_zones in its inventory
mesos:53 {
    errors
    cache 5
    bind 169.254.20.10
    forward . 172.16.18.42:53
}
`);
});
